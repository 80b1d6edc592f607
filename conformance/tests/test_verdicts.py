"""Verdicts on libraries whose faults are known: what is convicted, of what, and what is not."""

import shutil

import pytest
from conftest import fixture_path


def test_reference_allocator_conforms_with_every_required_clause_exercised(assay, reference):
    result = assay.judge(reference)
    assert result.status == 0, result.out
    required = [c for c in result.report["clauses"] if c["required"]]
    assert len(required) > 25
    assert all(c["verdict"] == "holds" and c["exercised"] > 0 for c in required), required
    assert result.report["verdict"] == "conforms"
    assert result.violated() == set(), result.out  # of quality neither
    assert result.report["candidate"]["binding"] == "rust-1.19"


def test_page_example_is_convicted_of_alignment_and_of_nothing_else(assay):
    result = assay.judge(fixture_path("page_example"))
    assert result.status == 1
    assert result.violated() == {
        "alignment/allocate",
        "alignment/allocate-zeroed",
        "alignment/reallocate",
        "alignment/above-page",
    }


def test_what_breaks_for_one_thread_is_not_laid_to_threads(assay):
    seldom = fixture_path("seldom_clears")
    assert assay.judge(seldom).violated() == {"zeroing/allocate-zeroed"}
    # Where that was not asked, all that is known is that several threads broke it, and one did not.
    assert "threads/concurrent" in assay.judge(seldom, "--clause", "threads/*").violated()


def test_identity_allocator_conforms(assay):
    result = assay.judge(fixture_path("identity"))
    assert result.status == 0, result.out
    moot = result.verdicts()
    assert moot["in-place/grown-capacity"] == "not-applicable"
    assert moot["usable-size/slack-owned"] == "not-applicable"


def test_always_null_is_neither_accused_nor_acquitted(assay):
    result = assay.judge(fixture_path("always_null"))
    assert result.status == 3
    assert result.violated() == set()
    assert "not exercised" in result.report["reason"]


def test_a_second_allocator_in_the_process_breaks_single_definition_and_nothing_else(assay):
    result = assay.judge(fixture_path("brings_another"), "--effort", "quick")
    assert result.status == 1, result.out
    assert result.violated() == {"linkage/single-definition"}
    assert "always_null.so defines it for the whole process" in result.out


def test_linkage_of_the_candidate_is_part_of_the_verdict(assay, reference):
    verdicts = assay.judge(reference, "--clause", "linkage/*").verdicts()
    judged = {"linkage/at-most-one", "linkage/complete", "linkage/single-definition", "linkage/no-circular"}
    assert {id for id, verdict in verdicts.items() if verdict == "holds"} == judged
    assert verdicts["linkage/rlib"] == verdicts["linkage/exactly-one"] == "not-applicable"
    assert "linkage/complete" in assay.judge(fixture_path("incomplete")).violated()


@pytest.mark.parametrize(
    "name, evidence",
    [
        ("incomplete", "__rust_allocate_zeroed is missing"),
        ("data_symbol", "__rust_usable_size is data"),
    ],
)
def test_incomplete_symbols_break_abi_complete(assay, name, evidence):
    result = assay.judge(fixture_path(name))
    assert result.status == 1, result.out + result.err
    assert "abi/complete" in result.violated()
    assert evidence in result.out


@pytest.mark.parametrize(
    "name, evidence",
    [
        ("hostile_exits", "the process exited with status 0"),
        ("hostile_crashes", "Segmentation fault"),
        ("hostile_takes_handlers", "the process exited with status 0"),
        ("hostile_hangs_asleep", "asleep for"),
        ("hostile_stops", "asleep for"),
    ],
)
def test_a_call_that_does_not_return_is_convicted(assay, name, evidence):
    result = assay.judge(fixture_path(name), "--effort", "quick")
    assert result.status == 1, result.out
    assert "abi/returns" in result.violated()
    assert evidence in result.out
    assert "  had not returned\n" in result.out


@pytest.mark.parametrize(
    "environment, words",
    [
        ({}, "it printed: qemu: uncaught target signal 6"),
        (
            {"ASSAY_EXEC_PREFIX": "env"},
            "it printed: arena 3 is inconsistent",
        ),  # what an emulator says is not the candidate's
    ],
)
def test_last_words_are_evidence(assay, environment, words):
    result = assay.judge(
        fixture_path("hostile_last_words"), "--clause", "abi/returns", "--effort", "quick", **environment
    )
    assert result.status == 1, result.out
    assert words in " ".join(result.out.split())


def test_an_endless_loop_is_convicted(assay):
    result = assay.judge(fixture_path("hostile_hangs_awake"), "--clause", "alignment/allocate", "--clause", "abi/*")
    assert result.status == 1
    assert "processor time without returning" in result.out


def test_a_crash_that_only_a_clause_not_asked_for_tells_is_no_pass(assay):
    result = assay.judge(fixture_path("hostile_crashes"), "--clause", "alignment/allocate")
    assert (result.status, result.report["verdict"]) == (3, "undecided"), result.out
    assert "no clause that was asked for says why" in result.out
    assert "Segmentation fault" in result.out


@pytest.mark.parametrize("name", ["hostile_closes_descriptors", "hostile_floods", "hostile_forks"])
def test_bad_manners_break_no_promise(assay, name):
    result = assay.judge(fixture_path(name), "--effort", "quick")
    assert result.status == 0, result.out
    assert result.broken_musts() == set()


def test_killing_the_supervisor_is_no_pass(assay):
    result = assay.judge(fixture_path("hostile_kills_supervisor"), "--effort", "quick")
    assert result.status in (1, 3)
    assert result.report["verdict"] != "conforms"


def test_eating_all_memory_is_no_pass_and_harms_nobody(assay):
    result = assay.judge(
        fixture_path("hostile_eats_memory"), "--clause", "alignment/allocate", ASSAY_MEMORY_LIMIT_MB="300"
    )
    assert result.status in (1, 3)


def test_same_seed_gives_the_same_calls(assay, reference):
    """Whatever ran to its end both times: on a busy machine one of them may have been cut short."""
    counts = []
    for _ in range(2):
        report = assay.judge(
            reference, "--clause", "reallocate/*", "--effort", "quick", "--seed", "7", "--jobs", "1"
        ).report
        counts.append({s["name"]: s["operations"] for s in report["scenarios"] if s["outcome"] == "completed"})
    both = counts[0].keys() & counts[1].keys()
    assert {name: counts[0][name] for name in both} == {name: counts[1][name] for name in both}
    assert sum(counts[0][name] for name in both) > 1000


def test_check_selects_suites(assay, reference):
    report = assay.judge(reference, "--effort", "quick", CK_RUN_SUITE="zeroing").report
    assert {s["name"].split("/")[0] for s in report["scenarios"]} == {"zeroing"}


def test_the_command_to_see_it_again_shows_it_again(assay):
    """Also where a scenario breaks a clause that it is not about: the command names the scenario, which then runs."""
    first = assay.judge(fixture_path("page_example"), "--effort", "quick", "--shrink", "0", "--seed", "3")
    clause = next(clause for clause in first.report["clauses"] if clause["id"] == "alignment/allocate")
    scenario = next(
        finding["scenario"] for finding in clause["findings"] if not finding["scenario"].startswith("alignment/")
    )
    again = assay.judge(
        fixture_path("page_example"),
        "--effort",
        "quick",
        "--clause",
        "alignment/allocate",
        "--scenario",
        scenario,
        "--seed",
        "3",
    )
    assert [each["name"] for each in again.report["scenarios"]] == [scenario]
    assert again.violated() == {"alignment/allocate"}


def test_evidence_never_replaces_other_evidence(assay, tmp_path):
    """Two candidates of one file name, and several findings about one clause: each has files of its own."""
    for place in "ab":
        (tmp_path / place).mkdir()
        shutil.copy(fixture_path("page_example"), tmp_path / place / "same.so")
    kept = tmp_path / "kept"
    result = assay.judge(
        tmp_path / "a/same.so",
        tmp_path / "b/same.so",
        "--clause",
        "alignment/*",
        "--effort",
        "quick",
        "--results",
        kept,
    )
    assert sorted(path.name for path in kept.iterdir()) == ["same.so", "same.so-2"]
    commands = [
        finding.get("reproducer")
        for report in result.report
        for clause in report["clauses"]
        for finding in clause["findings"]
    ]
    assert all(commands), "there is always one"
    written = [command for command in commands if " run " not in command]
    assert len(written) > 6 and len(set(written)) == len(written)
    assert len(list(kept.glob("*/*.trace"))) == len(written)


def test_findings_come_with_a_program_that_shows_them(assay, reference, tmp_path):
    import subprocess

    result = assay.judge(fixture_path("page_example"), "--clause", "alignment/allocate", "--results", tmp_path / "kept")
    (source,) = (tmp_path / "kept").glob("*/alignment-allocate.c")
    program = tmp_path / "repro"
    subprocess.run(["cc", str(source), "-o", str(program), "-ldl", "-pthread"], check=True)
    assert subprocess.run([program, fixture_path("page_example")], capture_output=True).returncode == 1
    assert subprocess.run([program, reference], capture_output=True).returncode == 0
    assert str(source) in result.out
