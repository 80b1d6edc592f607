"""`make check` counts the tests that ran. It fails when a test failed or ended early, and when no test ran."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]

PASSES = 'printf "ok 1 - a\\nok 2 - b\\n1..2\\n" >"$CK_TAP_LOG_FILE_NAME"'
FAILS = 'printf "ok 1 - a\\nnot ok 2 - b\\n1..2\\n" >"$CK_TAP_LOG_FILE_NAME"; exit 1'
DIES = 'printf "ok 1 - a\\n" >"$CK_TAP_LOG_FILE_NAME"; kill -SEGV $$'
LEAVES = "exit 0"


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "build/tests").mkdir(parents=True)
    (tmp_path / "python").mkdir()

    def run(programs, python=None, interpreter=sys.executable):
        for name, body in programs.items():
            path = tmp_path / "build/tests" / name
            path.write_text(f"#!/bin/sh\n{body}\n")
            path.chmod(0o755)
        if python:
            (tmp_path / "python/test_it.py").write_text(python)
        names = " ".join(f"{tmp_path}/build/tests/{name}" for name in programs)
        environment = dict(os.environ, BUILD=str(tmp_path / "build"), PYTHON=interpreter, PLATFORM="native", JOBS="2")
        return subprocess.run(
            ["sh", TOP / "runners/setup/run-tests", names, str(tmp_path / "python") if python else ""],
            cwd=TOP,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.mark.parametrize(
    "programs, line, status",
    [
        ({"one": PASSES, "two": PASSES}, "4 passed, 0 failed", 0),
        ({"one": PASSES, "two": FAILS}, "3 passed, 1 failed", 1),
        ({"one": DIES}, "1 passed, 1 failed", 1),
        ({"one": LEAVES}, "0 passed, 1 failed", 1),
        ({"one": PASSES + "; exit 3"}, "2 passed, 1 failed", 1),
        ({}, "0 passed, 0 failed", 1),
    ],
)
def test_programs(tree, programs, line, status):
    done = tree(programs)
    assert done.stdout.splitlines()[-1] == line
    assert done.returncode == status


@pytest.mark.parametrize(
    "python, line, status",
    [
        ("def test_a(): pass\n", "3 passed, 0 failed", 0),
        ("def test_a(): assert False, 'because'\n", "2 passed, 1 failed", 1),
        ("import pytest\ndef test_a(): pytest.skip('no')\n", "2 passed, 0 failed, 1 skipped", 0),
        ("this is no Python\n", "2 passed, 1 failed", 1),
    ],
)
def test_python(tree, python, line, status):
    done = tree({"one": PASSES}, python)
    assert done.stdout.splitlines()[-1] == line, done.stdout
    assert done.returncode == status


def test_a_driver_that_does_not_start_has_failed(tree):
    done = tree({"one": PASSES}, "def test_a(): pass\n", interpreter="false")
    assert (done.stdout.splitlines()[-1], done.returncode) == ("2 passed, 1 failed", 1)


def test_what_failed_is_shown(tree):
    done = tree({"one": "echo the reason is here; " + FAILS}, "def test_a(): assert False, 'because'\n")
    assert "the reason is here" in done.stdout and "because" in done.stdout
