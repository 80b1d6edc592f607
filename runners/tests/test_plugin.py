"""Runs the plugin as a user does, with a stand-in for assay and with assay itself."""

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import NamedTuple

import pytest
from runners.pytest_assay.verdict import Clause, Outcome, outcome_of

RUNNERS = Path(__file__).resolve().parents[1]
ROOT = RUNNERS.parent
FAKE = RUNNERS / "tests/fake_assay.py"
CLAUSES = 5


class Session(NamedTuple):
    """The result of a pytest session."""

    status: int
    out: str
    asked: list[str]
    junit: dict[tuple[str, str], ElementTree.Element]

    def outcomes(self) -> dict[tuple[str, str], str]:
        """passed, failure, error or skipped, by class and name."""
        words = ("failure", "error", "skipped")
        return {key: next((word for word in words if case.find(word) is not None), "passed") for key,
                case in self.junit.items()}


@pytest.fixture
def judge(tmp_path):
    """Runs `pytest runners ARGS...` in its own process and directory."""

    if "FAKE_LOG" in os.environ:
        pytest.exit("the plugin collected its own tests, which would start themselves without end", returncode=1)

    def session(*args: str, assay: Path = FAKE) -> Session:
        log, junit = tmp_path / "log", tmp_path / "junit.xml"
        log.write_text("")
        own = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", str(RUNNERS), f"--rootdir={RUNNERS}", "-p", "no:cacheprovider",
             f"--assay={assay}", f"--junit-xml={junit}", *args],
            cwd=tmp_path, env={**own, "FAKE_LOG": str(log), "COLUMNS": "120"}, capture_output=True, text=True)
        cases = ElementTree.parse(junit).iter("testcase") if junit.exists() else []
        return Session(done.returncode, done.stdout + done.stderr, log.read_text().splitlines(),
                       {(case.get("classname"), case.get("name")): case for case in cases})

    return session


# ---- the truth table ----

TABLE = {  # clause verdict: must required, must not required, should at level must, should at level should, observed
    "holds": "PPPPP", "violated": "FFSFS", "not-exercised": "FSSSS", "not-applicable": "SSSSS", "observed": "PPPPP",
    "waived": "WWWWW",
}


@pytest.mark.parametrize("verdict", TABLE)
def test_outcomes_are_those_of_the_table(verdict):
    for letter, (level, required, asked) in zip(TABLE[verdict], [
            ("must", True, "must"), ("must", False, "must"), ("should", False, "must"), ("should", False, "should"),
            ("observed", False, "must")]):
        clause = Clause("a/b", level, verdict, 1, required, "", "", ())
        assert outcome_of(clause, asked).name[0] == letter, (verdict, level, required, asked)


def test_no_verdict_and_a_strange_verdict_fail():
    assert outcome_of(None, "must") is Outcome.FAILED
    assert outcome_of(Clause("a/b", "must", "splendid", 1, True, "", "", ()), "must") is Outcome.FAILED


# ---- exit status ----


@pytest.mark.parametrize("candidate, status, counts", [
    ("good", 0, "5 passed, 1 skipped"),
    ("bad", 1, "2 failed, 2 passed, 2 skipped"),
    ("open", 1, "2 failed, 3 passed, 1 skipped"),
    ("none", 1, "1 failed, 5 skipped"),
    ("waived", 0, "3 passed, 3 xfailed"),
    ("stale", 1, "1 failed, 4 passed, 1 skipped"),
    ("unjudged", 1, "1 failed, 5 skipped"),
    ("silent", 1, "1 failed, 5 skipped"),
    ("liar", 1, "1 failed, 5 skipped"),
    ("partial", 1, "4 failed, 2 passed"),
])
def test_the_status_is_that_of_the_verdict(judge, candidate, status, counts):
    session = judge("--candidate", f"{candidate}.so")
    assert session.status == status, session.out
    assert f" {counts} in " in session.out, session.out
    assert len(session.asked) == 1


@pytest.mark.parametrize("candidate, selection", [("none", "not verdict"), ("open", "allocate"), ("stale", "allocate"),
                                                   ("good", "shrunk"), ("unjudged", "allocate"),
                                                  ("silent", "allocate")])
def test_a_selection_that_fails_nothing_is_no_pass_when_undecided(judge, candidate, selection):
    session = judge("--candidate", f"{candidate}.so", "-k", selection)
    assert "failed" not in session.out.splitlines()[-1]
    assert session.status == 1, session.out


def test_without_a_candidate_nothing_is_judged(judge):
    session = judge("--ignore", str(RUNNERS / "tests"))
    assert session.status == 5
    assert session.asked == []


def test_with_a_candidate_this_directory_s_own_tests_stay_out(judge):
    assert not any("test_plugin" in name[0] for name in judge("--candidate", "good.so").junit)


# ---- what is shown ----


@pytest.mark.parametrize("candidate, told", [
    ("unjudged", "unjudged: unjudged.so is unjudged"),
    ("silent", "assay wrote no report (exit status 0): assay: cannot start"),
    ("liar", "assay's exit status 0 contradicts its report, which says 'violates'"),
    ("stale", "assay: w.ini:1: stale waiver [block/disjoint]: nothing it covers was found; remove it"),
    ("open", "undecided: open.so is open"),
])
def test_the_verdict_s_test_says_what_no_clause_does(judge, candidate, told):
    session = judge("--candidate", f"{candidate}.so")
    assert session.junit[f"contract.assay.{candidate}.so", "verdict"].find("failure").text.strip() == told


def test_a_failure_shows_the_evidence(judge):
    session = judge("--candidate", "bad.so", "--seed", "9")
    for part in ("alignment/allocate (must) violated", "What it says.", "allocate(size 8, align 64)",
                 "expected  a multiple of 64",
                 "actual    0x5510, a multiple of 16 only", "b2 = allocate(size 8, align 64)",
                 "reproduce cc a.c -o repro",
                 "run bad.so --seed 9 --clause alignment/allocate", "why       assay explain alignment/allocate"):
        assert part in session.out, part
    assert "Traceback" not in session.out and "items.py" not in session.out


def test_what_was_left_aside_is_named_with_its_reason(judge):
    session = judge("--candidate", "bad.so", "--candidate", "waived.so")
    assert "in-place/shrunk       not-applicable" in session.out
    assert "deallocate/reuse      violated: allocate(size 8, align 64)" in session.out
    assert "waived: as noted" in session.out
    assert "\nviolates: bad.so\nconforms: waived.so\n" in session.out


def test_junit_has_clause_and_level(judge):
    session = judge("--candidate", "bad.so")
    assert len(session.junit) == CLAUSES + 1
    case = session.junit["contract.assay.bad.so", "alignment/allocate"]
    told = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert told.items() >= {"clause": "alignment/allocate", "level": "must", "verdict": "violated",
                            "exercised": "7"}.items()
    assert "a multiple of 64" in case.find("failure").text
    assert session.outcomes()["contract.assay.bad.so", "in-place/shrunk"] == "skipped"


# ---- what is run ----


def test_options_reach_the_program(judge):
    (asked,) = judge("--candidate", "good.so", "--binding", "jemalloc", "--effort", "quick", "--level", "should",
                     "--waivers", "w.ini",
                     "--clause", "block/*", "--results", "out").asked
    assert asked.startswith("good.so --binding jemalloc --level should --effort quick --waivers w.ini --clause block/* "
                            "--results out/native/jemalloc --json ")


def test_verdicts_are_kept_as_assay_wrote_them(judge, tmp_path):
    judge("--candidate", "good.so", "--candidate", str(tmp_path / "bad.so"), "--binding", "malloc", "--verdicts",
          "kept/all", "-n", "2")
    bad = f"{str(tmp_path).strip('/').replace('/', '-')}-bad.so--malloc.json"
    kept = {path.name: json.loads(path.read_text()) for path in (tmp_path / "kept/all/native").iterdir()}
    verdicts = {name: report["verdict"] for name, report in kept.items()}
    assert verdicts == {"good.so--malloc.json": "conforms", bad: "violates"}


def test_each_subject_s_reproducers_have_a_directory_of_their_own(judge):
    places = ("good.so", "a/good.so", "b/c/good.so")
    candidates = [word for place in places for word in ("--candidate", place)]
    asked = judge(*candidates, "--binding", "malloc", "--binding", "own/malloc-2.binding", "--results", "out").asked
    assert {each.split(" --results ")[1].split(" ")[0] for each in asked} == {
        f"out/native/{way}{binding}" for way in ("", "a--", "b-c--") for binding in ("malloc", "malloc-2.binding")
    }


def test_only_clauses_asked_for_are_collected(judge):
    session = judge("--candidate", "good.so", "--clause", "block/*")
    assert sorted(name for _, name in session.junit) == ["block/disjoint", "verdict"]


def test_candidates_bindings_and_platforms_are_a_matrix(judge):
    session = judge("--candidate", "good-{platform}.so", "--candidate", "bad.so", "--binding", "a", "--binding", "b",
                    "--collect-only", "-q",
                    "--clause", "block/*", "--platform", "native")
    assert [line for line in session.out.splitlines() if line.endswith("::verdict")] == [
        f"contract.assay::{name}::verdict"
        for name in ("good-native.so [a]", "good-native.so [b]", "bad.so [a]", "bad.so [b]")]


def test_workers_share_one_run_and_agree(judge):
    candidates = [word for name in ("good", "bad", "open", "waived") for word in ("--candidate", f"{name}.so")]
    alone, shared = judge(*candidates), judge(*candidates, "-n", "3")
    assert alone.status == shared.status == 1
    assert alone.outcomes() == shared.outcomes()
    assert len(alone.outcomes()) == 4 * (CLAUSES + 1)
    assert len(shared.asked) == 4
    assert shared.out.count("\nundecided: open.so\n") == 1


def test_nothing_is_left_in_the_temporary_directory(judge, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    assert judge("--candidate", "good.so", "-n", "2").status == 0
    assert [path.name for path in (tmp_path / "t").iterdir() if path.name.startswith("assay")] == []


def test_a_part_the_root_cause_and_a_stale_waiver_are_told(judge):
    session = judge("--candidate", "part.so", "--candidate", "bad.so", "--candidate", "stale.so")
    assert "\nconforms: part.so (a part of the contract only: CK_RUN_SUITE=block)\n" in session.out
    assert "fix this first: alignment/allocate" in session.out
    assert "assay: w.ini:1: stale waiver [block/disjoint]: nothing it covers was found; remove it" in session.out


# ---- bad input ----


@pytest.mark.parametrize("args, told", [
    (["--clause", "block/nothing"], "--clause: 'block/nothing' matches no clause; `assay list` lists them"),
    (["--assay", "nowhere/assay"], "nowhere/assay: no such program; `make` builds it, --assay names another"),
])
def test_a_mistake_is_one_line_and_a_usage_error(judge, args, told):
    session = judge("--candidate", "good.so", *args)
    assert session.status == 4
    assert [line for line in session.out.splitlines() if line.startswith("ERROR: ")][0].endswith(told)
    assert "Traceback" not in session.out


# ---- the real one ----


@pytest.fixture
def build(monkeypatch) -> Path:
    monkeypatch.setenv("ASSAY_BINDINGS", str(ROOT / "conformance/bindings"))
    return ROOT / os.environ.get("BUILD", "build")


def test_the_reference_allocator_conforms(judge, build):
    session = judge("--candidate", str(build / "libreference_alloc.so"), "--effort", "quick", assay=build / "assay")
    assert session.status == 0, session.out
    assert "\nconforms: " in session.out


def test_reproducers_are_left_in_a_directory_that_was_not_there(judge, build, tmp_path):
    shutil.copy(build / "fixtures/page_example.so", tmp_path)
    session = judge("--candidate", "page_example.so", "--effort", "quick", "--clause", "alignment/allocate",
                    "--results", "kept/here", assay=build / "assay")
    assert session.status == 1, session.out
    assert (tmp_path / "kept/here/native/page_example.so/alignment-allocate.c").exists()


def test_the_page_s_example_breaks_alignment_and_nothing_else(judge, build):
    session = judge("--candidate", str(build / "fixtures/page_example.so"), "--effort", "quick", "-n", "2",
                    assay=build / "assay")
    failed = {name for (_, name), outcome in session.outcomes().items() if outcome != "passed" and outcome != "skipped"}
    assert session.status == 1
    assert "alignment/allocate" in failed
    assert all(name.startswith("alignment/") or name == "verdict" for name in failed), failed
