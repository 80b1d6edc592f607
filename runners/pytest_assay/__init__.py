"""assay under pytest: a test a clause, the harness's evidence in each failure. runners/README.md says how to use it."""
