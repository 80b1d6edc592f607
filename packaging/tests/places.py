"""What packaging is tested with: the sources, the built program, and places to install into.

It is no conftest.py, because tests elsewhere import theirs by that name, and there is one module of a name.
"""

import os
import pathlib
import subprocess
from typing import Any

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
ASSAY = BUILD / "assay"
REFERENCE = BUILD / "libreference_alloc.so"


def clean_environment(**more: str) -> dict[str, str]:
    """Without what would lead an installed program, or a make inside make, back to the source tree."""
    led_by = ("ASSAY_", "MAKE", "MFLAGS", "PYTEST_", "CK_", "BUILD", "PLATFORM", "PYTHON")
    return {**{name: value for name, value in os.environ.items() if not name.startswith(led_by)}, **more}


def run(*command: Any, **more: Any) -> subprocess.CompletedProcess[str]:
    more.setdefault("env", clean_environment())
    more.setdefault("cwd", ROOT)
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, **more)


def succeed(*command: Any, **more: Any) -> str:
    done = run(*command, **more)
    assert done.returncode == 0, f"{command}: exit status {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def files_below(root: pathlib.Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_symlink() or not path.is_dir()}


def judge_quickly(program: pathlib.Path, directory: pathlib.Path) -> None:
    """An installed program finds its bindings, judges what conforms, and sees what does not."""
    asked = ["--effort", "quick", "--scenario", "alignment/exact-multiples", "--clause", "alignment/allocate"]
    done = run(program, "run", REFERENCE, *asked, cwd=directory)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "alignment/allocate" in done.stdout and "rust-1.19" in done.stdout
    broken = BUILD / "fixtures/page_example.so"
    if broken.exists():
        assert run(program, "run", broken, *asked, cwd=directory).returncode == 1


@pytest.fixture(scope="session")
def options() -> list[list[str]]:
    """The table of verbs and options that completion and assay(1) are made from."""
    return [line.split("\t") for line in succeed("packaging/options", ASSAY).splitlines()]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A PREFIX that `make install` has filled. Tests only look at it."""
    prefix = tmp_path_factory.mktemp("installed") / "usr"
    stage = prefix.parent / "stage"
    succeed("packaging/stage", stage, ASSAY, prefix, ASSAY, env=clean_environment(VERSION="9.8.7"))
    (stage / str(prefix).lstrip("/")).rename(prefix)
    return prefix
