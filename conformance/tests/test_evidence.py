"""Whatever a candidate writes over, what was seen of it stays seen, and what was not asked is no pass."""

import json
import re

import pytest

from conftest import fixture_path

NARROW = ("--scenario", "alignment/*", "--effort", "quick", "--binding", "rust-1.19", "--shrink", "1")


@pytest.mark.parametrize("name", ["hostile_forges_count", "hostile_forges_clause", "hostile_forges_again"])
def test_a_finding_cannot_be_taken_back(assay, name):
    result = assay.judge(fixture_path(name), *NARROW)
    assert result.status == 1, result.out
    assert "alignment/allocate" in result.violated()


def test_an_end_that_was_not_said_is_no_end(assay):
    result = assay.judge(fixture_path("hostile_forges_end"), *NARROW)
    assert (result.status, result.report["verdict"]) == (3, "undecided"), result.out
    assert result.violated() == set()


def test_closing_the_harness_s_descriptor_is_neither_a_pass_nor_a_crime(assay):
    result = assay.judge(fixture_path("hostile_closes_all"), *NARROW)
    assert result.status == 3, result.out
    assert result.broken_musts() == set()
    assert "closed the harness's descriptor" in result.out


def test_without_a_seed_the_scribbler_is_innocent(assay):
    result = assay.judge(fixture_path("hostile_scribbles"), *NARROW)
    assert result.status == 0, result.out


@pytest.mark.parametrize("seed", range(1, 13))
def test_scribbling_at_random_is_never_a_pass(assay, seed):
    result = assay.judge(fixture_path("hostile_scribbles"), *NARROW, "--shrink", "0", ASSAY_SCRIBBLES=str(seed))
    assert result.status in (1, 3), result.out
    assert result.report["verdict"] in ("violates", "undecided")


def test_a_block_that_reaches_the_harness_is_a_finding_and_is_not_written(assay):
    """Otherwise the pattern overwrites the harness's tables; a crash or an endless loop outside any call follows."""
    result = assay.judge(fixture_path("promises_too_much"), "--effort", "quick")
    assert result.status == 1, result.out
    assert result.violated() == {"usable-size/slack-owned"}
    assert {s["outcome"] for s in result.report["scenarios"]} <= {"completed", "cut-short", "crashed"}, result.report[
        "scenarios"
    ]
    assert "reaches memory of the harness" in json.dumps(result.report)


def test_whole_units_that_are_there_may_be_promised(assay):
    result = assay.judge(fixture_path("promises_what_it_maps"), "--effort", "quick")
    assert result.status == 0, result.out


def control_characters(text: str) -> list[str]:
    return re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)


@pytest.mark.parametrize("name", ["hostile_escapes", "hostile_escapes_loader"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "--binding", "rust-1.19"),
        ("probe",),
        ("run", "--binding", "rust-1.19", "--tap"),
        ("run", "--binding", "rust-1.19", "--json", "-"),
        ("run", "--binding", "rust-1.19", "--junit", "-"),
    ],
)
def test_no_text_of_a_candidate_s_is_obeyed_by_a_terminal(assay, name, arguments):
    command, *options = arguments
    result = assay(command, fixture_path(name), *options)
    everything = result.out + result.err
    assert "conforms: 31 must clauses hold" in everything
    assert control_characters(everything) == []
    assert not any(line.startswith("conforms") for line in everything.splitlines())
