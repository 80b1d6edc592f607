"""Verdicts on one small allocator with one fault at a time: exhaustion, threads, and the state of the process."""

import pytest
from conftest import fixture_path

ASKED = ["exhaustion/*", "threads/*", "hygiene/*", "abi/*", "deallocate/reuse", "reallocate/failure-intact"]


def judge(assay, name, *arguments, asked=ASKED, **environment):
    clauses = [word for glob in asked for word in ("--clause", glob)]
    return assay.judge(fixture_path(name), "--level", "should", *clauses, *arguments, **environment)


@pytest.mark.parametrize("name", ["shelves", "caches"])
def test_without_a_fault_it_conforms_with_everything_exercised(assay, name):
    result = judge(assay, name)
    assert result.status == 0, result.out
    assert {c["verdict"] for c in result.report["clauses"]} == {"holds"}


# A block that is lost to another thread shows where it is freed or where it is used, as chance has it.
@pytest.mark.parametrize(
    "name, broken",
    [
        ("shelves_takes_map_failed", "exhaustion/null"),
        ("shelves_clears_null", "exhaustion/null"),
        ("shelves_aborts", "exhaustion/null"),
        ("shelves_keeps_lock", "exhaustion/null"),
        ("shelves_reserves_dead", "exhaustion/null"),
        ("shelves_sulks", "exhaustion/recovers"),
        ("shelves_frees_first", "reallocate/failure-intact"),
        ("shelves_without_lock", "threads/concurrent"),
        ("caches_given_twice", "threads/foreign-free"),
        ("owners_without_lock", "threads/foreign-free or threads/concurrent"),
        ("shelves_orders_locks", "threads/progress"),
        ("shelves_forks_locked", "threads/fork"),
        ("shelves_executable", "hygiene/no-exec"),
        ("shelves_leaks_descriptors", "hygiene/leaks"),
        ("shelves_leaks_tails", "hygiene/leaks"),
        ("shelves_never_reuses", "deallocate/reuse"),
        ("caches_lost", "deallocate/reuse"),
        ("shelves_spoils_errno", "abi/process-state"),
        ("shelves_takes_signals", "abi/process-state"),
        ("shelves_prints", "abi/process-state"),
    ],
)
def test_a_fault_breaks_the_clause_that_describes_it(assay, name, broken):
    result = judge(assay, name, "--fail-fast", asked=broken.split(" or "))
    assert result.status == 1, result.out
    assert result.violated(), result.out


@pytest.mark.parametrize(
    "name, kept",
    [
        ("shelves_never_reuses", {"hygiene/leaks", "deallocate/reuse"}),
        ("caches_lost", {"deallocate/reuse"}),
        ("shelves_forks_locked", {"threads/fork"}),
    ],
)
def test_what_is_only_poor_quality_breaks_no_must(assay, name, kept):
    result = judge(assay, name)
    assert result.broken_musts() == set()
    assert result.violated() <= kept


def test_a_deadlock_says_which_threads_are_in_which_operation(assay):
    result = judge(assay, "shelves_orders_locks", "--fail-fast", asked=["threads/progress"])
    finding = next(f for c in result.report["clauses"] for f in c["findings"] if c["id"] == "threads/progress")
    assert finding["message"].startswith("thread ")
    assert "is in" in finding["actual"]


@pytest.mark.parametrize(
    "name, broken", [("shelves_clears_null", "exhaustion/null"), ("shelves_sulks", "exhaustion/recovers")]
)
def test_memory_is_refused_without_seccomp_too(assay, name, broken):
    result = judge(assay, name, "--fail-fast", asked=[broken], ASSAY_PLATFORM_LACKS="seccomp,rlimit-as")
    assert result.violated() == {broken}


def test_threads_are_left_out_where_the_platform_cannot_run_them(assay):
    """An emulator that mixes up the threads of a program makes correct libraries crash: nobody is accused of that."""
    result = judge(assay, "shelves_without_lock", asked=["threads/*"], ASSAY_PLATFORM_LACKS="seccomp,threads")
    assert result.status == 3 and result.report["scenarios"] == [] and result.report["left_out"] >= 20
    assert set(result.verdicts().values()) == {"not-exercised"}
    assert {clause["note"] for clause in result.report["clauses"]} == {
        "not asked here, where the platform lacks threads: undecided"
    }
    assert {clause["lacks"] for clause in result.report["clauses"]} == {"threads"}


def test_whatever_starts_threads_says_that_it_relies_on_them(assay, reference):
    result = assay.judge(reference, "--effort", "quick", ASSAY_PLATFORM_LACKS="threads")
    assert {scenario["outcome"] for scenario in result.report["scenarios"]} <= {"completed", "cut-short"}, result.out
    assert result.violated() == set()
    left_open = {c["id"] for c in result.report["clauses"] if c["required"] and c["verdict"] == "not-exercised"}
    assert left_open == {"threads/concurrent", "threads/foreign-free", "threads/progress"}


def test_nobody_breaks_what_the_platform_gives_no_means_to_keep(assay):
    """QEMU does not wipe memory at a fork. An allocator that notices forks by that looks like a careless one there."""
    result = judge(
        assay, "shelves_forks_locked", "--fail-fast", asked=["threads/fork"], ASSAY_PLATFORM_LACKS="wipe-on-fork"
    )
    (clause,) = result.report["clauses"]
    assert (clause["verdict"], clause["findings"]) == ("not-exercised", [])
    assert clause["lacks"] == "wipe-on-fork" in clause["note"] and "undecided" in clause["note"]
    assert result.report["left_out"] == 0, "what convicts nobody ends nothing"
