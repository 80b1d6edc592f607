"""A run that judges nothing is not a pass: asking for nothing is an error, and a verdict on a part says it is one."""

import json
import os
import shutil
import subprocess
from xml.etree import ElementTree

import pytest
from conftest import ROOT, fixture_path


@pytest.mark.parametrize("arguments, environment, named", [
    ([], {"CK_RUN_SUITE": "zerong"}, "CK_RUN_SUITE: 'zerong' matches no group with scenarios; did you mean 'zeroing'?"),
    ([], {"CK_RUN_SUITE": ""}, "CK_RUN_SUITE: ''"),
    ([], {"CK_RUN_CASE": "nosuch"}, "CK_RUN_CASE: 'nosuch'"),
    ([], {"CK_INCLUDE_TAGS": "quick nosuch"}, "CK_INCLUDE_TAGS: no scenario is tagged 'nosuch'"),
    ([], {"CK_INCLUDE_TAGS": " "}, "CK_INCLUDE_TAGS: ' '"),
    ([], {"CK_INCLUDE_TAGS": "quick", "CK_EXCLUDE_TAGS": "quick"}, "CK_INCLUDE_TAGS='quick', CK_EXCLUDE_TAGS='quick'"),
    (["--clause", "zeroing/*", "--clause", "zerong/*"], {}, "--clause: 'zerong/*'"),
    (["--scenario", "zeroing/*", "--scenario", "block/nosuch"], {}, "--scenario: 'block/nosuch'"),
    (["--clause", "in-place/*"], {"CK_RUN_SUITE": "zeroing"}, "--clause 'in-place/*', CK_RUN_SUITE='zeroing'"),
    (["--exclude", "zeroing/*", "--exclude", "block/nosuch"], {}, "--exclude: 'block/nosuch' matches no scenario"),
    (["--scenario", "zeroing/*", "--exclude", "*"], {}, "--scenario 'zeroing/*', --exclude '*'"),
    (["--scenario", "zeroing/*"], {"CK_RUN_SUITE": "block"}, "--scenario 'zeroing/*', CK_RUN_SUITE='block'"),
])
def test_what_asks_for_nothing_is_one_line_and_status_2(assay, reference, arguments, environment, named):
    result = assay("run", reference, *arguments, **environment)
    assert (result.status, result.out) == (2, "")
    assert named in result.err and result.err.count("\n") == 1


def test_a_part_says_that_it_is_one(assay, reference):
    result = assay.judge(reference, "--clause", "zeroing/*", "--effort", "quick", CK_RUN_SUITE="zeroing")
    assert result.status == 0, result.out
    assert "a part of the contract only (--clause 'zeroing/*' CK_RUN_SUITE=zeroing)" in result.out.splitlines()[0]
    assert result.report["part"] == {"clauses": ["zeroing/*"], "scenarios": [], "excluded": [],
                                     "check": {"CK_RUN_SUITE": "zeroing"}}
    assert "\nconforms in the part that was asked for: " in result.out


def test_excluded_scenarios_are_not_run_and_the_rest_is_a_part(assay, reference):
    result = assay.judge(reference, "--scenario", "zeroing/*", "--exclude", "*/mapped", "--effort", "quick")
    assert result.status == 0, result.out
    assert "a part of the contract only (--scenario 'zeroing/*' --exclude '*/mapped')" in result.out.splitlines()[0]
    assert result.report["part"]["excluded"] == ["*/mapped"]
    run = {scenario["name"] for scenario in result.report["scenarios"]}
    listed = {s["name"] for s in json.loads(assay("list", "zeroing/*", "--json").out)["scenarios"]}
    assert run == listed - {"zeroing/mapped"} and run < listed


def test_the_whole_is_no_part_however_it_is_asked_for(assay):
    result = assay.judge(fixture_path("falls_at_once"), "--clause", "*", "--scenario", "*", "--effort", "quick",
                         CK_EXCLUDE_TAGS="unused")
    assert result.report["part"] is None and "a part of" not in result.out


def test_not_applicable_asked_for_alone_is_undecided(assay, reference):
    result = assay.judge(reference, "--clause", "linkage/exactly-one", "--clause", "zeroing/allocate-zeroed",
                         "--effort", "quick")
    assert (result.status, result.verdicts()["zeroing/allocate-zeroed"]) == (3, "holds"), result.out
    assert "asked for, but not put to the test: linkage/exactly-one: about other artifacts" in result.report["reason"]


def test_a_clause_out_of_reach_is_told_and_no_pass(assay, reference):
    result = assay.judge(reference, "--clause", "zeroing/*", "--clause", "threads/progress",
                         "--scenario", "zeroing/*", "--effort", "quick")
    assert result.status == 3, result.out
    progress = next(c for c in result.report["clauses"] if c["id"] == "threads/progress")
    assert progress["verdict"] == "not-exercised"
    assert progress["note"].startswith("out of reach of what was asked for: ")


def test_the_report_begins_with_what_to_fix_first(assay):
    result = assay.judge(fixture_path("page_example"), "--effort", "quick")
    assert result.out.splitlines()[1].startswith("fix this first: alignment/allocate: allocate(size ")
    assert result.report["fix_first"] == "alignment/allocate"


def test_what_threads_broke_comes_with_the_threads_clause(assay):
    report = assay.judge(fixture_path("shelves_without_lock")).report
    broken = {c["id"]: c for c in report["clauses"] if c["verdict"] == "violated"}
    assert report["fix_first"].startswith("threads/"), report["fix_first"]
    assert all(id.startswith("threads/") or c["follows"].startswith("threads/") for id, c in broken.items())


def test_machines_learn_of_stale_waivers_and_of_what_was_left_out(assay, tmp_path):
    (tmp_path / "w").write_text("[alignment/*]\nreason = known\n[zeroing/allocate-zeroed]\nreason = gone\n"
                                "[block/*]\ncandidate = *other*\nreason = x\n")
    page = fixture_path("page_example")
    result = assay.judge(page, page, "--clause", "alignment/allocate", "--clause", "zeroing/*", "--effort", "quick",
                         "--waivers", "w", "--tap", "--junit", tmp_path / "j.xml")
    assert result.status == 1
    for report in result.report:
        assert [(w["clause"], w["line"]) for w in report["waivers"]["stale"]] == [("zeroing/allocate-zeroed", 3)]
        assert [w["clause"] for w in report["waivers"]["unneeded"]] == ["block/*"]
    assert result.out.count("- stale: w:3: waiver zeroing/allocate-zeroed: ") == 1
    plan = int(result.out.splitlines()[1].split("..")[1])
    assert sum(line.startswith(("ok ", "not ok ")) for line in result.out.splitlines()) == plan
    suite = ElementTree.parse(tmp_path / "j.xml").find("testsuite[@name='waivers']")
    assert len(suite.findall("testcase/failure[@type='stale']")) == 1
    hasty = assay.judge(page, "--fail-fast", "--jobs", 1, "--effort", "quick", "--junit", tmp_path / "j.xml").report
    assert len(hasty["left_out_scenarios"]) == hasty["left_out"] > 0
    assert {s["why"] for s in hasty["left_out_scenarios"]} == {"the run ended before its turn"}
    assert ElementTree.parse(tmp_path / "j.xml").find("testsuite/properties/property[@name='left_out']") is not None


NAMES = [b"plain.so", b"$(touch taken).so", b"it's.so", b'"q".so', b"a b.so", b"-dash.so", b"new\nline.so",
         b"\xff\xfe.so", b"tab\t`x`\\.so",
         "gr\u00fc\u00df.so".encode()]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("keeps", [True, False])
def test_a_reproducer_works_when_it_is_pasted(assay, tmp_path, name, keeps):
    shutil.copy(fixture_path("page_example"), os.path.join(os.fsencode(tmp_path), name))
    results = ["--results", "kept"] if keeps else []
    result = assay.judge(os.fsdecode(b"./" + name), "--clause", "alignment/allocate", "--effort", "quick", *results)
    (clause,) = result.report["clauses"]
    command = clause["findings"][0]["reproducer"]
    assert command.startswith("cc ") == keeps
    environment = {**os.environ, "ASSAY_BINDINGS": str(ROOT / "conformance/bindings")}
    pasted = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, env=environment)
    assert pasted.returncode == 1, (command, pasted.stderr)
    assert not (tmp_path / "taken").exists()
    assert command in result.out
