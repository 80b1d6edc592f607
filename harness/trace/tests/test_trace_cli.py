"""`assay replay` from the outside: its exit status, its files, its line when it cannot; and the fuzz target."""

import json
import os
import pathlib
import shutil
import signal
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
ENVIRONMENT = {**os.environ, "ASSAY_BINDINGS": str(ROOT / "conformance" / "bindings")}

DIRTY = """assay trace 1
# three of these six are needed
b1 = allocate(size 100, align 8)
b2 = allocate(size 64, align 16)
verify()
deallocate(b2, old_size usable)
b3 = allocate_zeroed(size 64, align 1)
deallocate(b1, old_size requested)
"""


def toy(name):
    return str(BUILD / "fixtures" / f"{name}.so")


def replay(*arguments):
    return subprocess.run(
        [BUILD / "assay", "replay", *map(str, arguments)], capture_output=True, text=True, env=ENVIRONMENT, timeout=120
    )


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "dirty.trace"
    path.write_text(DIRTY)
    return path


def test_a_trace_that_breaks_nothing_conforms(trace):
    result = replay(trace, toy("toy"))
    assert (result.returncode, result.stderr) == (0, "")
    assert "conforms" in result.stdout


def test_a_trace_that_breaks_a_clause_says_which_and_how(trace, tmp_path):
    result = replay(trace, toy("toy_dirty"), "--json", tmp_path / "out.json")
    assert result.returncode == 1
    report = json.loads((tmp_path / "out.json").read_text())
    broken = [clause for clause in report["clauses"] if clause["verdict"] == "violated"]
    assert [clause["id"] for clause in broken] == ["zeroing/allocate-zeroed"]
    assert "p3 = allocate_zeroed(size 64, align 1)" in broken[0]["findings"][0]["trace"]


def test_what_a_guard_shows_replays(tmp_path):
    path = tmp_path / "guarded.trace"
    path.write_text("assay trace 1\nguard(size 300000)\nb1 = allocate(size 300000, align 16)\n")
    result = replay(path, toy("toy_reads_past"))
    assert result.returncode == 1
    assert "abi/returns" in result.stdout
    assert replay(path, toy("toy")).returncode == 0  # what lies behind the mapping without a guard is up to chance


def test_shrinking_leaves_what_is_needed(trace, tmp_path):
    result = replay(trace, toy("toy_dirty"), "--shrink", "--save", tmp_path / "short.trace")
    assert result.returncode == 1
    lines = [line.split("#")[0].strip() for line in (tmp_path / "short.trace").read_text().splitlines()]
    assert lines == [
        "assay trace 1",
        "b1 = allocate(size 1, align 1)",
        "deallocate(b1, old_size requested)",
        "b2 = allocate_zeroed(size 1, align 1)",
    ]
    assert replay(tmp_path / "short.trace", toy("toy_dirty")).returncode == 1
    assert replay(tmp_path / "short.trace", toy("toy")).returncode == 0


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_the_program_it_writes_shows_the_bug_until_it_is_gone(trace, tmp_path):
    assert replay(trace, toy("toy_dirty"), "--emit-c", tmp_path / "repro.c").returncode == 1
    subprocess.run(["cc", "-o", tmp_path / "repro", tmp_path / "repro.c", "-ldl", "-pthread"], check=True)
    assert subprocess.run([tmp_path / "repro"], cwd="/", capture_output=True).returncode == 1
    assert subprocess.run([tmp_path / "repro", toy("toy")], capture_output=True).returncode == 0


@pytest.mark.parametrize(
    "text, complaint",
    [
        (
            "assay trace 1\nb1 = allocate(size 0, align 8)\n",
            ':2: found "0", expected a size from 1 to 18446744073709551615',
        ),
        ("something else\n", ':1: found "something", expected "assay trace 1", the first line of a trace'),
    ],
)
def test_a_bad_trace_is_one_line_that_says_where(tmp_path, text, complaint):
    bad = tmp_path / "bad.trace"
    bad.write_text(text)
    result = replay(bad, toy("toy"))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"assay: {bad}{complaint}\n"


@pytest.mark.parametrize("arguments", [[], ["one"], ["a", "b", "c"], ["no.trace", "toy"], ["--nonsense", "a", "b"]])
def test_what_cannot_be_asked_is_status_2_and_one_line(arguments):
    result = replay(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("assay: ") and result.stderr.count("\n") == 1


def test_nothing_to_judge_is_no_pass(tmp_path):
    empty = tmp_path / "empty.trace"
    empty.write_text("assay trace 1\n")
    assert replay(empty, toy("toy")).returncode == 3


# allocate 16 bytes; deallocate; allocate_zeroed 16 bytes
BYTES = bytes([0, 0, 0, 4, 0, 0, 14, 0, 0, 0, 0, 0, 10, 0, 0, 4, 0, 0])


def fuzz(candidate, path, directory):
    environment = {**ENVIRONMENT, "ASSAY_CANDIDATE": toy(candidate), "ASSAY_FINDINGS": str(directory)}
    return subprocess.run([BUILD / "fuzz-trace", path], env=environment, capture_output=True, text=True)


def test_what_the_fuzz_target_finds_replays(tmp_path):
    (tmp_path / "input").write_bytes(BYTES)
    result = fuzz("toy_dirty", tmp_path / "input", tmp_path)
    assert result.returncode == -signal.SIGABRT
    assert "zeroing/allocate-zeroed" in result.stderr
    assert replay(tmp_path / "assay-zeroing-allocate-zeroed.trace", toy("toy_dirty")).returncode == 1
    assert replay("--bytes", tmp_path / "input", toy("toy_dirty")).returncode == 1
    assert replay("--bytes", tmp_path / "input", toy("toy")).returncode == 0


def test_the_fuzz_target_leaves_a_trace_of_a_crash(tmp_path):
    (tmp_path / "input").write_bytes(bytes([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 14, 1, 0, 0, 0, 1]))
    result = fuzz("toy_crashes", tmp_path / "input", tmp_path)
    assert result.returncode == -signal.SIGABRT
    assert replay(tmp_path / "assay-crash.trace", toy("toy_crashes")).returncode == 1


def test_the_fuzz_target_is_quiet_about_a_correct_allocator(tmp_path):
    (tmp_path / "input").write_bytes(bytes(range(256)) * 4)
    result = fuzz("toy", tmp_path / "input", tmp_path)
    assert (result.returncode, result.stderr) == (0, "")


def test_the_fuzz_target_without_a_candidate_says_so(tmp_path):
    result = subprocess.run(
        [BUILD / "fuzz-trace"],
        input="",
        capture_output=True,
        text=True,
        env={k: v for k, v in ENVIRONMENT.items() if k != "ASSAY_CANDIDATE"},
    )
    assert result.returncode == 2
    assert result.stderr == "assay: ASSAY_CANDIDATE is not set, expected the path of a library\n"
