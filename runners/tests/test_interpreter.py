"""Whatever runs Python gets an interpreter that has all it needs, or a line that says what the one it found lacks."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
INTERPRETER = TOP / "runners/setup/interpreter"
TABLE = """\
# a comment
build|command|weaver|weaver|weaver-rpm|weaver-apk|weaves
tests|python|alpha|python3-alpha|python3dist(alpha)|py3-alpha|counts
tests|python|beta|python3-beta beta-data|python3-beta|-|counts too
bench|python|gamma|python3-gamma|python3-gamma|py3-gamma|measures
"""


@pytest.fixture
def place(tmp_path):
    (tmp_path / "table").write_text(TABLE.replace("|", "\t"))
    return tmp_path


def has(place, name, *modules):
    """An interpreter that has these modules: the real one without its site's packages."""
    for module in modules:
        (place / f"{name}-modules").mkdir(exist_ok=True)
        (place / f"{name}-modules" / f"{module}.py").touch()
    program = place / name
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{place}/{name}-modules" exec "{sys.executable}" -S "$@"\n')
    program.chmod(0o755)
    return str(program)


def ask(place, *sets, **environment):
    variables = {"PATH": f"{place}:/usr/bin:/bin", "SETUP_TABLE": f"{place}/table", **environment}
    return subprocess.run(["sh", INTERPRETER, *sets], env=variables, capture_output=True, text=True, timeout=60)


def test_one_that_has_all_is_found_behind_one_that_has_some(place):
    some, every = has(place, "some", "alpha"), has(place, "every", "alpha", "beta")
    done = ask(place, "tests", PYTHON=f"{some} {every}")
    assert (done.returncode, done.stdout, done.stderr) == (0, every + "\n", "")


def test_each_set_is_asked_for_its_own_modules(place):
    python = has(place, "python", "gamma")
    assert ask(place, "bench", PYTHON=python).returncode == 0
    assert ask(place, "build", PYTHON=python).returncode == 0
    assert ask(place, "bench", "tests", PYTHON=python).stderr.startswith(f"{python} lacks alpha, beta.")


def test_what_is_missing_is_said_of_the_one_that_was_found(place):
    none, some = has(place, "none"), has(place, "some", "alpha")
    done = ask(place, "tests", PYTHON=f"{none} {some}")
    assert (done.returncode, done.stdout) == (2, some + "\n")
    assert done.stderr == (
        f"{some} lacks beta. Debian: apt-get install python3-beta beta-data; Fedora, Mageia: dnf install python3-beta\n"
    )
    of_none = ask(place, "tests", PYTHON=none).stderr
    assert of_none.endswith("dnf install 'python3dist(alpha)' python3-beta; Alpine: apk add py3-alpha\n")


def test_one_that_does_not_run_lacks_everything(place):
    done = ask(place, "tests", PYTHON="nowhere-to-be-found")
    assert done.returncode == 2 and "nowhere-to-be-found lacks alpha, beta." in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_word_from_the_user_python3_is_asked_first(place):
    has(place, "python3", "alpha", "beta")
    assert ask(place, "tests").stdout == "python3\n"


def test_make_says_what_is_missing_instead_of_starting(place):
    python = has(place, "lacking")
    done = subprocess.run(
        ["make", "--no-print-directory", "check-run", "TESTS=", "C_TESTS=", f"PYTHON={python}", "-n"],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=60,
    )
    recipe = [line for line in done.stdout.splitlines() if "runners/setup/interpreter" in line]
    assert done.returncode == 0 and recipe, done.stderr
    lookup = re.search(r"python=(\$\(.*?\))", recipe[-1])[1]
    asked = subprocess.run(["sh", "-c", f"python={lookup} && echo started"], cwd=TOP, capture_output=True, text=True)
    assert asked.returncode == 2 and "started" not in asked.stdout
    assert f"{python} lacks pytest" in asked.stderr


def test_what_is_imported_outside_the_standard_library_stands_in_the_table():
    """So that the sets name all that is needed: the reason for a module that was looked for and not listed."""
    lines = (TOP / "runners/setup/packages.tsv").read_text().splitlines()
    listed = {row[2] for row in (line.split("\t") for line in lines if not line.startswith("#")) if row[1] == "python"}
    directories = ("conformance", "harness", "packaging", "reference_alloc", "runners")
    sources = [path for name in directories for path in (TOP / name).rglob("*.py")] + [TOP / "runners/publish"]
    own = {path.stem for path in sources} | {path.parent.name for path in sources}
    for path in sources:
        for name in re.findall(r"^\s*(?:import|from) ([a-z]\w*)", path.read_text(), re.M | re.I):
            known = name in sys.stdlib_module_names or name in own or name in listed
            assert known or f'importorskip("{name}")' in path.read_text(), f"{path}: {name}"
