"""A crash is charged to what causes it: each fixture crashes in one circumstance only, and is accused of that alone."""

import pytest
from conftest import fixture_path


@pytest.mark.parametrize(
    "name, broken",
    [
        ("falls_late", {"abi/returns"}),
        ("falls_when_refused", {"exhaustion/null"}),
        ("falls_among_threads", {"threads/concurrent", "threads/foreign-free"}),
    ],
)
def test_a_crash_is_charged_to_its_circumstance(assay, name, broken):
    # states/top-* limit the address space: there the system itself refuses, which does not count as a refusal.
    result = assay.judge(fixture_path(name), "--effort", "quick", "--level", "should", "--exclude", "states/top-*")
    assert result.status == 1, result.out
    assert result.violated() <= broken, result.out
    assert "threads/foreign-free" in broken or result.violated() == broken


@pytest.mark.parametrize(
    "asked", ["threads/*", "exhaustion/*", "deallocate/old-size-range", "reallocate/old-size-range", "in-place/shrunk"]
)
def test_what_any_call_does_is_laid_to_no_circumstance(assay, asked):
    """Also if nothing else was asked for: then no clause says why the scenarios did not end, and that is no pass."""
    result = assay.judge(fixture_path("falls_late"), "--clause", asked, "--effort", "quick")
    assert result.violated() == set(), result.out
    outcomes = {scenario["outcome"] for scenario in result.report["scenarios"]}
    assert result.report["verdict"] != "conforms" or outcomes <= {"completed", "cut-short"}


def test_without_a_refusal_nothing_is_laid_to_exhaustion(assay):
    """Scenarios about refused memory make calls before any is refused."""
    result = assay.judge(
        fixture_path("falls_at_once"), "--clause", "exhaustion/*", "--clause", "abi/*", "--effort", "quick"
    )
    assert result.violated() == {"abi/returns"}, result.out


def test_among_threads_is_not_laid_to_refused_memory(assay):
    result = assay.judge(fixture_path("falls_among_threads"), "--scenario", "exhaustion/*", "--effort", "quick")
    assert {id for id in result.violated() if not id.startswith("threads/")} == set(), result.out
