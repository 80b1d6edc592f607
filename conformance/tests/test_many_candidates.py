"""One run judges as many candidates as it is given."""

import json


def test_forty_candidates_in_one_run(assay, reference):
    report = assay.scratch / "report.json"
    done = assay(
        "run",
        *[reference] * 40,
        "--binding",
        "rust-1.19",
        "--scenario",
        "abi/symbols",
        "--effort",
        "quick",
        "--json",
        report
    )
    assert done.status == 0, done.err
    assert [one["verdict"] for one in json.loads(report.read_text())] == ["conforms"] * 40
