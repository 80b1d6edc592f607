"""The output of assay fits results/schema.json and results/README.md."""

import json
import os
import subprocess
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")


def test_reports_are_what_the_schema_says(tmp_path):
    schema = json.loads((ROOT / "results/schema.json").read_text())
    candidates = [BUILD / "libreference_alloc.so", BUILD / "fixtures/page_example.so",
                  BUILD / "fixtures/hostile_crashes.so", ROOT / "LICENSE"]
    environment = {**os.environ, "ASSAY_BINDINGS": str(ROOT / "conformance/bindings")}
    done = subprocess.run([BUILD / "assay", "run", *candidates, "--effort", "quick", "--json", tmp_path / "all.json"],
                          env=environment,
                          capture_output=True, text=True)
    reports = json.loads((tmp_path / "all.json").read_text())
    jsonschema.validate(reports, schema)
    assert [report["verdict"] for report in reports] == ["conforms", "violates", "violates", "unjudged"]
    assert done.returncode == 1
    finding = next(clause for clause in reports[1]["clauses"] if clause["verdict"] == "violated")["findings"][0]
    assert finding["trace"] and finding["whole_trace"] and finding["expected"] and finding["actual"]


def test_every_key_of_the_schema_is_explained():
    schema = json.loads((ROOT / "results/schema.json").read_text())
    page = (ROOT / "results/README.md").read_text()
    for kind in ("report", "clause", "finding", "scenario"):
        for key in schema["definitions"][kind]["properties"]:
            assert f"`{key}`" in page, f"{kind}: {key}"
