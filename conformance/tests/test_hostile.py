"""A candidate may do anything to other processes, files and the terminal: the run ends in time, the verdict stands, and
nothing is left behind."""

import contextlib
import json
import os
import pathlib
import pty
import signal
import subprocess
import termios
import time
import uuid

import pytest
from conftest import BUILD, ROOT, fixture_path

# One short scenario that makes some hundred calls.
BRIEFLY = ("--effort", "quick", "--scenario", "abi/all-operations", "--shrink", "0")


class Marked:
    """Finds the processes of one run by a word in their environment."""

    def __init__(self):
        self.word = uuid.uuid4().hex
        self.environment = {"ASSAY_TEST_MARK": self.word}

    def processes(self):
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                marked = self.word.encode() in (process / "environ").read_bytes()
                if marked and (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                    found.append(int(process.name))
            except OSError:
                continue
        return found

    def are_gone(self, within=1.0):
        until = time.monotonic() + within * int(os.environ.get("ASSAY_TIME_SCALE", "1"))
        while self.processes():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True


@pytest.fixture
def marked():
    marked = Marked()
    yield marked
    for pid in marked.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    "name",
    [
        "hostile_helper",
        "hostile_moves_on",
        "hostile_stops_supervisor",
        "hostile_reads_supervisor",
        "hostile_finds_descriptors",
    ],
)
def test_what_a_correct_allocator_does_to_other_processes_changes_no_verdict(assay, marked, name):
    result = assay.judge(fixture_path(name), *BRIEFLY, **marked.environment)
    assert result.status == 0, result.out
    assert marked.processes() == []


def test_every_verb_ends_what_a_candidate_starts(assay, marked, tmp_path):
    trace = tmp_path / "some.trace"
    trace.write_text("assay trace 1\nb1 = allocate(size 8, align 8)\n")
    helper = fixture_path("hostile_helper")
    assert assay("probe", helper, **marked.environment).status == 0
    assert marked.processes() == []
    replayed = assay("replay", trace, helper, **marked.environment)
    assert replayed.status == 0, replayed.out + replayed.err
    assert marked.processes() == []


def test_too_many_processes_are_no_pass(assay, marked):
    result = assay.judge(fixture_path("hostile_multiplies"), *BRIEFLY, **marked.environment)
    assert result.status == 3, result.out
    assert "too many processes" in result.out
    assert marked.processes() == []


@pytest.mark.parametrize(
    "name, evidence",
    [
        ("hostile_vforks", "asleep in the kernel for"),
        ("hostile_is_traced", "asleep for"),
    ],
)
def test_a_call_that_waits_in_another_way_is_convicted_all_the_same(assay, marked, name, evidence):
    result = assay.judge(fixture_path(name), *BRIEFLY, **marked.environment)
    assert (result.status, "abi/returns" in result.violated()) == (1, True), result.out
    assert evidence in " ".join(result.out.split())
    assert marked.processes() == []


def test_a_process_that_does_nothing_any_more_is_no_pass(assay, marked):
    result = assay.judge(
        fixture_path("hostile_sleeps_between_calls"),
        "--effort",
        "quick",
        "--scenario",
        "alignment/sweep",
        "--shrink",
        "0",
    )
    assert result.status in (1, 3), result.out


def test_a_library_that_never_loads_is_not_waited_for_with_each_binding(assay):
    result = assay("probe", fixture_path("hostile_load_hangs"))
    assert result.status == 2
    assert result.out.count("does not finish loading") > 5
    assert len({line.partition("does not fit")[2] for line in result.out.splitlines()}) == 1


def test_output_that_is_not_kept_is_said_to_be(assay):
    result = assay.judge(fixture_path("hostile_says_much"), *BRIEFLY)
    words = " ".join(result.out.split())
    assert "that is all (the last of too much to keep)" in words


# ---- files and the terminal ----


def test_links_that_a_candidate_plants_are_not_followed(assay, tmp_path):
    elsewhere, results, report = tmp_path / "elsewhere", tmp_path / "results", tmp_path / "planted.json"
    elsewhere.mkdir()
    result = assay(
        "run",
        fixture_path("hostile_plants_links"),
        "--effort",
        "quick",
        "--scenario",
        "zeroing/*",
        "--results",
        results,
        "--json",
        report,
        ASSAY_TEST_RESULTS=str(results),
        ASSAY_TEST_JSON=str(report),
        ASSAY_TEST_ELSEWHERE=str(elsewhere),
    )
    assert result.status == 1, result.out + result.err
    assert (results / "hostile_plants_links.so").is_symlink()
    assert list(elsewhere.iterdir()) == []
    assert "hostile_plants_links.so: cannot be written" in result.err
    assert not report.is_symlink()
    assert json.loads(report.read_text())["verdict"] == "violates"


def test_a_report_still_goes_to_a_device_that_the_user_names(assay, reference):
    result = assay("run", reference, *BRIEFLY, "--json", "/dev/stderr")
    assert result.status == 0
    assert json.loads(result.err)["verdict"] == "conforms"


@pytest.fixture
def terminal():
    ours, theirs = pty.openpty()
    yield theirs
    os.close(ours)
    os.close(theirs)


def test_the_terminal_is_left_as_it_was(terminal, marked):
    before = termios.tcgetattr(terminal)
    environment = {
        **os.environ,
        **marked.environment,
        "ASSAY_TEST_TERMINAL": os.ttyname(terminal),
        "ASSAY_BINDINGS": str(ROOT / "conformance/bindings"),
    }
    done = subprocess.run(
        [BUILD / "assay", "run", fixture_path("hostile_mutes_terminal"), *BRIEFLY],
        stdin=terminal,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stdout  # it found the terminal
    assert termios.tcgetattr(terminal) == before


# ---- interrupted ----


def heed_signals():
    """Whoever runs the tests in the background may ignore some."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def running(marked, tmp_path, terminal):
    """A run on a candidate with helpers and bad manners, far from its end."""
    report = tmp_path / "partial.json"
    environment = {**os.environ, **marked.environment, "ASSAY_BINDINGS": str(ROOT / "conformance/bindings")}
    process = subprocess.Popen(
        [
            BUILD / "assay",
            "run",
            fixture_path("hostile_helper"),
            fixture_path("identity"),
            "--jobs",
            "2",
            "--json",
            report,
        ],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
        preexec_fn=heed_signals,
    )
    process.report = report
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def children(pid):
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (process / "stat").read_text().rpartition(")")[2].split()[1] == str(pid):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def started(process, generations):
    """A process so many generations below, once scenarios are running: worker, keeper, child."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        workers = children(process.pid)
        line = workers[:1] if len(workers) == 2 else []
        while line and len(line) < 3:
            below = children(line[-1])
            if not below:
                break
            line.append(below[0])
        if len(line) == 3:
            return line[generations - 1]
        time.sleep(0.005)
    raise AssertionError("no scenario was started")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_an_interrupted_run_says_what_it_knows_and_leaves_nothing(running, marked, terminal, number):
    before = termios.tcgetattr(terminal)
    started(running, 1)
    running.send_signal(number)
    assert marked.are_gone()
    out, _ = running.communicate(timeout=60)
    assert running.returncode == -number
    reports = json.loads(running.report.read_text())
    assert [report["verdict"] for report in reports] == ["undecided", "unjudged"]
    assert "interrupted" in reports[0]["reason"] and "interrupted" in reports[1]["reason"]
    assert "interrupted" in out
    assert termios.tcgetattr(terminal) == before


def test_nothing_outlives_a_first_process_that_is_killed(running, marked):
    started(running, 3)
    running.kill()
    assert marked.are_gone()


@pytest.mark.parametrize("generations", [1, 2], ids=["worker", "keeper"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_a_run_that_loses_a_process_is_no_pass(assay, marked, generations, number, tmp_path):
    report = tmp_path / "report.json"
    environment = {
        **os.environ,
        **marked.environment,
        "ASSAY_BINDINGS": str(ROOT / "conformance/bindings"),
        "CK_RUN_SUITE": "alignment",
    }
    process = subprocess.Popen(
        [BUILD / "assay", "run", fixture_path("hostile_helper"), "--jobs", "2", "--json", report],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    os.kill(started(process, generations), number)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 3, out + err
    assert json.loads(report.read_text())["verdict"] == "undecided"
    assert marked.processes() == []
