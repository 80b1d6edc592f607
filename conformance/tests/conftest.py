"""What the command line is tested with: the built program, and the libraries built for it to judge."""

import json
import os
import pathlib
import subprocess
from typing import Any, NamedTuple

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
BUILD = BUILD if BUILD.is_absolute() else ROOT / BUILD


class Result(NamedTuple):
    status: int
    out: str
    err: str
    report: Any

    def verdicts(self) -> dict[str, str]:
        return {clause["id"]: clause["verdict"] for clause in self.report["clauses"]}

    def violated(self) -> set[str]:
        return {id for id, verdict in self.verdicts().items() if verdict == "violated"}

    def broken_musts(self) -> set[str]:
        return {c["id"] for c in self.report["clauses"] if c["verdict"] == "violated" and c["level"] == "must"}


class Assay:
    """Runs the program as a user would."""

    def __init__(self, scratch: pathlib.Path) -> None:
        self.scratch = scratch

    def __call__(self, *arguments: Any, timeout: float = 300, **environment: str) -> Result:
        bindings = {"ASSAY_BINDINGS": str(ROOT / "conformance/bindings")}
        done = subprocess.run(
            [str(BUILD / "assay"), *map(str, arguments)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            cwd=self.scratch,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **bindings, **environment},
        )
        return Result(done.returncode, done.stdout, done.stderr, None)

    def judge(self, *arguments: Any, **environment: str) -> Result:
        path = self.scratch / "report.json"
        path.unlink(missing_ok=True)
        done = self("run", *arguments, "--json", path, **environment)
        return done._replace(report=json.loads(path.read_text()) if path.exists() else None)


@pytest.fixture
def assay(tmp_path: pathlib.Path) -> Assay:
    return Assay(tmp_path)


def fixture_path(name: str) -> pathlib.Path:
    return BUILD / "fixtures" / f"{name}.so"


@pytest.fixture
def reference() -> pathlib.Path:
    return BUILD / "libreference_alloc.so"
