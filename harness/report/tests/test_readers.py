"""Programs not written for assay read every format: json and a JSON Schema, prove, an XML and a YAML parser."""

import json
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = Path(__file__).parent / "golden"
PROGRAM = ROOT / os.environ.get("BUILD", "build") / "tests/report/tests/test_formats"
SAMPLES = ["conforms", "violates", "undecided", "undecided", "unjudged"]
CLAUSES = [6, 5, 2, 1, 0]


def render(what: str) -> bytes:
    """What the samples of sample.h look like in a format."""
    return subprocess.run([PROGRAM, "--render", what], check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def reports() -> list:
    return json.loads(render("json"))


@pytest.fixture(scope="module")
def schema() -> dict:
    return json.loads((ROOT / "results/schema.json").read_text())


@pytest.fixture(scope="module")
def suites() -> list:
    return ElementTree.fromstring(render("junit")).findall("testsuite")


# ---- JSON ----


def test_json_is_what_the_schema_says(reports, schema):
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(reports, schema)
    jsonschema.validate(json.loads(render("json-one")), schema)


def test_the_schema_refuses_what_is_not(reports, schema):
    for spoil in (
        lambda r: r.pop("verdict"),
        lambda r: r.update(verdict="fine"),
        lambda r: r["clauses"][0].pop("exercised"),
        lambda r: r["candidate"].pop("platform"),
    ):
        spoilt = json.loads(json.dumps(reports))
        spoil(spoilt[0])
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoilt, schema)


def test_json_says_what_the_model_does(reports):
    assert [report["verdict"] for report in reports] == SAMPLES
    assert [len(report["clauses"]) for report in reports] == CLAUSES
    assert reports[0]["tool"]["name"] == "assay"
    assert reports[0]["candidate"] == {"path": "./libgood.so", "binding": "rust-1.19", "platform": "x86_64"}
    assert {key: reports[0][key] for key in ("level", "seed", "duration_s")} == {
        "level": "must",
        "seed": 7,
        "duration_s": 1.5,
    }
    assert reports[0]["scenarios"][0] == {
        "name": "alignment/sweep",
        "outcome": "completed",
        "duration_s": 0.25,
        "operations": 1234567,
        "detail": None,
    }
    clause = dict(reports[0]["clauses"][2])
    assert clause == {
        "id": "usable-size/monotone",
        "level": "observed",
        "required": False,
        "verdict": "observed",
        "exercised": 40,
        "statement": "What the clause says.",
        "note": "it never shrank",
        "lacks": None,
        "follows": None,
        "findings": [],
    }
    assert (reports[0]["part"], reports[0]["fix_first"], reports[0]["waivers"]) == (None, None, None)
    assert reports[1]["fix_first"] == reports[1]["clauses"][1]["follows"] == "alignment/allocate"
    assert reports[1]["left_out_scenarios"] == [{"name": "threads/tight", "why": "the run ended before its turn"}]
    assert reports[2]["part"] == {
        "clauses": ["*l*"],
        "scenarios": [],
        "excluded": [],
        "check": {"CK_RUN_SUITE": "in-place"},
    }
    finding = reports[1]["clauses"][0]["findings"][0]
    assert (finding["clause"], finding["scenario"], finding["seed"]) == ("alignment/allocate", "alignment/sweep", 7)
    assert (finding["expected"], finding["reproducer"]) == ("a multiple of 64", "assay replay a.trace")
    assert finding["message"] == "allocate(size 8, align 64)"
    assert finding["trace"].splitlines() == ["b1 = allocate(size 8, align 8)", "b2 = allocate(size 8, align 64)"]
    assert "grüß" in reports[1]["clauses"][1]["findings"][0]["message"]


# ---- JUnit ----


def children(suite, tag: str) -> list:
    return [case for case in suite.iter("testcase") if case.find(tag) is not None]


def test_junit_counts_are_those_of_the_cases(suites):
    assert len(suites) == len(SAMPLES)
    for suite in suites:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute)) == len(children(suite, tag)), suite.get("name")


def test_junit_words_follow_the_verdicts(suites, reports):
    assert [(s.get("failures"), s.get("errors"), s.get("skipped")) for s in suites] == [
        ("0", "0", "2"),
        ("2", "1", "2"),
        ("0", "2", "0"),
        ("0", "1", "1"),
        ("0", "1", "0"),
    ]


def test_junit_cases_have_names_of_their_own(suites):
    twice = ElementTree.fromstring(render("junit-twice")).findall("testsuite")
    assert twice[1].get("name") == "./libgood.so (rust-1.19, x86_64, run 2)"
    names = [
        (case.get("classname"), case.get("name")) for suite in suites + twice[1:] for case in suite.iter("testcase")
    ]
    assert len(set(names)) == len(names)
    assert names[0] == ("./libgood.so (rust-1.19, x86_64) alignment", "alignment/allocate")


def test_junit_tells_the_whole_story_in_the_body(suites):
    failure = suites[1].find("testcase/failure")
    assert failure.get("message") == "allocate(size 8, align 64)"
    for part in (
        "What the clause says.",
        "a multiple of 64",
        "0x5510",
        "alignment/sweep, seed 7",
        "b2 = allocate(size 8, align 64)",
        "assay replay a.trace",
    ):
        assert part in failure.text


def test_junit_properties_say_clause_and_level(suites):
    case = suites[0].find("testcase")
    assert {p.get("name"): p.get("value") for p in case.iter("property")} == {
        "clause": "alignment/allocate",
        "level": "must",
        "verdict": "holds",
        "exercised": "1204332",
    }


def test_junit_properties_say_part_and_root_cause(suites):
    told = [{(p.get("name"), p.get("value")) for p in suite.findall("properties/property")} for suite in suites]
    assert told[0] == set()
    assert told[1] == {
        ("fix_first", "alignment/allocate"),
        ("left_out", "threads/tight: the run ended before its turn"),
    }
    assert told[2] == {("part", "--clause '*l*' CK_RUN_SUITE=in-place")}


# ---- TAP ----


def prove(path: Path) -> subprocess.CompletedProcess:
    return subprocess.run(["prove", "--exec", "cat", str(path)], capture_output=True, text=True)


def test_prove_reads_tap(tmp_path):
    stream = tmp_path / "all.tap"
    stream.write_bytes(render("tap"))
    result = prove(stream)
    assert result.returncode != 0
    assert "Parse errors" not in result.stdout, result.stdout
    assert re.search(r"Tests: 17 Failed: 7\)\n +Failed tests: +7-8, 11, 13-14, 16-17\n", result.stdout), result.stdout


def test_prove_passes_what_conforms(tmp_path):
    lines = render("tap").decode().splitlines()
    stream = tmp_path / "one.tap"
    stream.write_text(
        "\n".join(["TAP version 13", "1..6"] + [line for line in lines if re.match(r"ok [1-6] ", line)]) + "\n"
    )
    result = prove(stream)
    assert result.returncode == 0, result.stdout
    assert "Result: PASS" in result.stdout


def test_tap_directives_are_only_ours():
    directives = re.findall(r"^(?:not )?ok (\d+) [^\n]*?(?<!\\)# (SKIP|TODO) ([^\n]*)$", render("tap").decode(), re.M)
    assert directives == [
        ("4", "SKIP", "not applicable: the binding does not have the operation"),
        ("6", "SKIP", "not judged yet"),
        ("9", "TODO", "waived: fixed upstream (\\#602)"),
        ("10", "TODO", "quality, moves no verdict"),
        ("15", "SKIP", "not applicable: the binding does not have the operation"),
    ]


def test_tap_details_are_yaml():
    blocks = re.findall(r"^  ---\n(.*?)^  \.\.\.\n", render("tap").decode(), re.M | re.S)
    details = [yaml.safe_load(block) for block in blocks]
    assert len(details) == 9
    assert details[0]["clause"] == "alignment/allocate"
    assert [finding["scenario"] for finding in details[0]["findings"]] == ["alignment/sweep", "alignment/storm"]
    assert details[0]["findings"][0]["trace"] == "b1 = allocate(size 8, align 8)\nb2 = allocate(size 8, align 64)"
    assert details[1]["findings"][0]["actual"].endswith("\nsecond line")
    assert details[-1] == {"reason": "./README.md: not an ELF file"}


def test_tap_diagnostics_say_part_and_root_cause():
    diagnostics = re.findall(r"^# (.*)$", render("tap").decode(), re.M)
    assert diagnostics == [
        "./lib bad.so (jemalloc) fix this first: alignment/allocate",
        "./lib bad.so (jemalloc) left out: threads/tight: the run ended before its turn",
        "./libhalf.so (malloc) a part of the contract only: --clause '*l*' CK_RUN_SUITE=in-place",
    ]


# ---- text ----


@pytest.mark.parametrize("what", ["text-0", "text-0-verbose", "text-1", "text-1-verbose", "text-2", "compare"])
def test_text_is_as_agreed(what):
    """GOLDEN=update writes what is rendered now; read the difference before it is kept."""
    golden = GOLDEN / f"{what}.txt"
    if os.environ.get("GOLDEN") == "update":
        golden.write_bytes(render(what))
    assert render(what).decode() == golden.read_text()
