"""The recipes for CI services can be parsed, have the shape that their service expects, and name only existing
targets."""

import itertools
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

TOP = Path(__file__).resolve().parents[2]
RECIPES = sorted((TOP / "runners/ci").glob("*.yml"))


def read(path):
    # YAML 1.1 reads the key `on` as true; GitHub does not.
    return {{True: "on"}.get(key, key): value for key, value in yaml.safe_load(path.read_text()).items()}


def strings(node):
    """Every string of the document that the service passes to a shell."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from ([value] if key == "run" else itertools.chain(value) if key in ("script", "before_script")
                        else strings(value))
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)


def calls_of_assay(recipe):
    """The words after `make -C assay` in the shell lines of the recipe."""
    for line in strings(recipe):
        for command in re.split(r"&&|\n|;", line):
            words = shlex.split(re.sub(r"\$\{\{.*?\}\}", "EXPRESSION", command), comments=True)
            if words[:3] == ["make", "-C", "assay"]:
                yield words[3:]


def targets(words):
    return [word for word in words if "=" not in word]


def known_targets():
    listed = subprocess.run(["make", "-s", "-C", TOP, "list"], capture_output=True, text=True, check=True).stdout
    return {line.split(":")[0] for line in listed.splitlines()}


def known_platforms():
    return {line.split("\t")[0] for line in (TOP / "runners/platforms/platforms.tsv").read_text().splitlines()
            if not line.startswith("#")}


def test_there_is_one_for_each_service():
    assert [path.name for path in RECIPES] == ["github.yml", "gitlab.yml"]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_only_targets_that_exist_are_named(path):
    calls = list(calls_of_assay(read(path)))
    named = {target for words in calls for target in targets(words)}
    assert {"setup", "conformance"} <= named <= known_targets()


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
@pytest.mark.parametrize("platform", ["x86_64", "i686", "armhf"])
def test_make_knows_how(path, platform, tmp_path):
    for words in calls_of_assay(read(path)):
        words = [re.sub(r"PLATFORM=.*", f"PLATFORM={platform}", word) for word in words]
        done = subprocess.run(["make", "-n", "-C", TOP, f"BUILD={tmp_path}", *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_github_runs_three_platforms():
    recipe = read(RECIPES[0])
    job = recipe["jobs"]["conformance"]
    matrix = job["strategy"]["matrix"]["include"]
    assert {row["platform"] for row in matrix} == {"x86_64", "i686", "armhf"} <= known_platforms()
    assert "on" in recipe and "runs-on" in job
    assert all(len({"run", "uses"} & step.keys()) == 1 for step in job["steps"])
    assert job["steps"][-1]["if"] == "always()", "evidence has to be kept when the verdict is bad"


def test_gitlab_runs_three_platforms():
    job = read(RECIPES[1])["conformance"]
    assert {row["PLATFORM"] for row in job["parallel"]["matrix"]} == {"x86_64", "i686", "armhf"} <= known_platforms()
    assert job["artifacts"]["when"] == "always" and job["artifacts"]["reports"]["junit"] == "assay.xml"
    assert all(isinstance(line, str) for line in job["script"] + job["before_script"])


def test_the_gate_is_what_our_own_change_passes():
    assert re.search(r"^make .*\bcheck\b.*WERROR=1", (TOP / ".ci/run").read_text(), re.MULTILINE)
