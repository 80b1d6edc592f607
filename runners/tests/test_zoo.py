"""The table and the exit status of the zoo show the verdicts, the changes, and the missing ones."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]


@pytest.fixture
def zoo(tmp_path):
    def judge(*names, more=()):
        libraries = [tmp_path / f"{name}.so" for name in names]
        also = [word for library in libraries for word in ("--also", library)]
        fake = f"{sys.executable} {TOP / 'runners/tests/fake_assay.py'}"
        return subprocess.run(
            [sys.executable, TOP / "runners/zoo/zoo.py", "--assay", fake, "--root", tmp_path / "root", *also, "--keep",
             tmp_path / "kept", *more],
            env=dict(os.environ, FAKE_LOG=str(tmp_path / "log")),
            capture_output=True,
            text=True,
            timeout=60,
        )

    return judge


def test_the_table_tells_must_from_should(zoo):
    done = zoo("good", "bad")
    rows = {line.split()[0]: line.split(maxsplit=4)[2:] for line in done.stdout.splitlines()[1:]}
    assert rows["good"] == ["conforms", "0.1"]
    assert rows["bad"] == ["violates", "0.1", "alignment/allocate, [deallocate/reuse]"]
    assert "jemalloc        is not on this system: not judged" in done.stdout
    assert done.returncode == 0


def was_so_before(path, verdict, clauses):
    report = json.loads(path.read_text())
    report["verdict"] = verdict
    for clause in report["clauses"]:
        clause["verdict"] = clauses.get(clause["id"], clause["verdict"])
    path.write_text(json.dumps(report))


def test_what_differs_from_the_published_verdict_is_said_and_fails(zoo, tmp_path):
    published = tmp_path / "published"
    assert zoo("good", "bad", more=("--publish", published)).returncode == 0
    assert zoo("good", "bad", more=("--expect", published)).returncode == 0
    was_so_before(published / "native/good--rust-1.19.json", "undecided", {})
    was_so_before(published / "native/bad--rust-1.19.json", "violates",
                  {"alignment/allocate": "holds", "block/disjoint": "violated"})
    done = zoo("good", "bad", more=("--expect", published))
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line.startswith("changed: ")] == [
        "changed: bad--rust-1.19: now broken: alignment/allocate; no longer broken: block/disjoint",
        "changed: good--rust-1.19: conforms, was undecided",
    ]


def test_a_candidate_without_a_verdict_is_no_success(zoo):
    done = zoo("good", "silent")
    assert "not judged: assay: cannot start" in done.stdout
    assert done.returncode == 1


def test_nothing_judged_is_exit_status_2(zoo):
    assert zoo().returncode == 2
