"""Every output format is read back by a real consumer of it."""

import json
import subprocess
import xml.etree.ElementTree as ElementTree

from conftest import fixture_path


def test_tap_is_read_by_prove(assay, tmp_path, reference):
    for library, status in ((reference, 0), (fixture_path("page_example"), 1)):
        result = assay("run", library, "--effort", "quick", "--tap")
        (tmp_path / "out.tap").write_text(result.out)
        prove = subprocess.run(["prove", "-e", "cat", "out.tap"], cwd=tmp_path, capture_output=True, text=True)
        assert (prove.returncode != 0) == bool(status), prove.stdout
        assert "Parse errors" not in prove.stdout
    assert "Failed tests:  " in prove.stdout


def test_junit_is_read_by_an_xml_parser(assay, tmp_path):
    assay("run", fixture_path("page_example"), "--effort", "quick", "--junit", "out.xml")
    suite = ElementTree.parse(tmp_path / "out.xml").getroot().find("testsuite")
    cases = suite.findall("testcase")
    assert len(cases) == int(suite.get("tests"))
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    failed = [case for case in cases if case.find("failure") is not None]
    assert {case.get("name").split("/")[0] for case in failed} == {"alignment"}
    assert len(failed) == int(suite.get("failures"))
    assert "p1 = allocate" in failed[0].find("failure").text


def test_json_of_several_candidates_and_compare(assay, tmp_path, reference):
    done = assay("run", reference, fixture_path("page_example"), "--effort", "quick", "--json", "all.json")
    assert done.status == 1
    reports = json.loads((tmp_path / "all.json").read_text())
    assert [report["verdict"] for report in reports] == ["conforms", "violates"]
    for key in ("tool", "candidate", "level", "seed", "duration_s", "verdict", "reason", "clauses", "scenarios"):
        assert key in reports[0]
    table = assay("compare", "all.json", "--differences")
    assert table.status == 0
    assert "alignment/allocate" in table.out and "zeroing/allocate-zeroed" not in table.out
    assert assay("compare", "no.json").status == 2


def test_list_and_explain_agree(assay):
    listed = json.loads(assay("list", "--json").out)
    assert len(listed["clauses"]) > 30
    for clause in listed["clauses"]:
        text = assay("explain", clause["id"])
        assert text.status == 0
        assert clause["statement"] in text.out and clause["source"] in text.out


def test_explain_says_who_judges_linkage(assay):
    """No clause of the linkage rule is without a judge; the verb that judges artifacts is named for each."""
    listed = [
        clause["id"]
        for clause in json.loads(assay("list", "--json").out)["clauses"]
        if clause["id"].startswith("linkage/")
    ]
    assert len(listed) == 6
    for clause in listed:
        text = assay("explain", clause).out
        assert "no scenario yet" not in text
        assert "Judged by:\n  assay linkage ARTIFACT..." in text
    assert "linkage/resolved" in assay("explain", "linkage/single-definition").out
    assert "assay linkage" not in assay("explain", "alignment/allocate").out


def test_explain_says_how_the_edges_of_linkage_are_judged(assay):
    edges = assay("explain", "linkage/at-most-one").out
    assert "not found leaves the question open (undecided, status 3)" in edges and "for another machine" in edges
    assert "plugin" in assay("explain", "linkage/exactly-one").out


def test_every_must_clause_has_a_scenario(assay):
    listed = json.loads(assay("list", "--json").out)
    unjudged = [c["id"] for c in listed["clauses"] if c["level"] == "must" and not c["judged"]]
    assert unjudged == ["linkage/exactly-one", "linkage/rlib"]  # `assay linkage` judges these
