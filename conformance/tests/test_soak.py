"""Soak, interrupted as a terminal does it: the signal goes to the whole process group."""

import os
import pathlib
import signal
import subprocess
import time

import pytest
from conftest import BUILD, ROOT


def descendants(pid):
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return 0
    return len(children) + sum(map(descendants, children))


@pytest.fixture
def soak(reference):
    """Starts a soak over some suite, in a process group of its own."""
    started = []

    def start(suite):
        command = [str(BUILD / "assay"), "run", str(reference), "--effort", "soak", "--jobs", "1"]
        environment = {**os.environ, "ASSAY_BINDINGS": str(ROOT / "conformance/bindings"), "CK_RUN_SUITE": suite}
        started.append(
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
                start_new_session=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "termination"])
def test_an_interrupt_ends_it_with_a_summary(soak, stop):
    process = soak("zeroing")
    assert "round 1" in process.stderr.readline()
    os.killpg(process.pid, stop)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, out
    assert "conforms in the part that was asked for: " in out


def test_what_its_first_round_did_not_reach_is_undecided(soak):
    process = soak("threads")
    while descendants(process.pid) < 2:  # a worker and its candidate
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 3, out
    assert "required, but not exercised: " in out
