"""assay under pytest: one test per clause, with the harness's evidence in each failure. See runners/README.md."""
