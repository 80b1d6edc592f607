"""Runs the built program on artifacts and checks the answer: verdict, exit status, clauses, words."""

import json
import os
import pathlib
import subprocess
from typing import Any, NamedTuple

import pytest
from workshop import PLATFORMS, NATIVE, Workshop

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
BUILD = BUILD if BUILD.is_absolute() else ROOT / BUILD


class Result(NamedTuple):
    status: int
    text: str  # what people read
    report: Any  # what programs read

    def clauses(self) -> set[str]:
        return {finding["clause"] for finding in self.report["findings"]}

    def says(self, *words: str) -> None:
        """Checks that the words stand in the findings and in the text, so that both readers get them."""
        messages = "\n".join(finding["message"] for finding in self.report["findings"])
        for word in words:
            assert word in messages, messages
            assert word in self.text, self.text

    def notes(self, *words: str) -> None:
        for word in words:
            assert any(word in note for note in self.report["notes"]), self.report["notes"]

    def providers(self) -> list[str]:
        return self.report["providers"]


class Linkage:
    """`assay linkage` as a user runs it. Libraries are searched beside the artifact unless a test says where."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory

    def run(self, *arguments: Any, **environment: str) -> subprocess.CompletedProcess:
        inherited = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
        return subprocess.run([str(BUILD / "assay"), "linkage", *map(str, arguments)], cwd=self.directory,
                              capture_output=True,
                              text=True, errors="replace", timeout=60, stdin=subprocess.DEVNULL,
                              env={**inherited, **environment})

    def judge(self, artifact: pathlib.Path, *options: Any, **environment: str) -> Result:
        where = set(map(str, options)) & {"--library-path", "--sysroot"} or environment
        library_path = [] if where else ["--library-path", artifact.parent]
        done = self.run(artifact, "--json", "-", *library_path, *options, **environment)
        assert done.stdout, (done.returncode, done.stderr)
        report = json.loads(done.stdout)
        assert report["artifact"] == str(artifact)
        return Result(done.returncode, done.stderr, report)

    def _is(self, result: Result, verdict: str, status: int, clauses: str, is_open: bool, *words: str) -> Result:
        expected = {"linkage/" + clause for clause in clauses.split()}
        shown = result.report["findings"] or result.report["parties"]
        assert (result.report["verdict"], result.status, result.clauses()) == (verdict, status, expected), shown
        assert result.report["undecided"] == is_open
        assert result.text.startswith("undecided" if is_open else verdict), result.text
        result.says(*words)
        return result

    def legal(self, artifact: pathlib.Path, *options: Any, **environment: str) -> Result:
        return self._is(self.judge(artifact, *options, **environment), "ok", 0, "", False)

    def illegal(self, artifact: pathlib.Path, clauses: str, *words: str, options: Any = (),
                **environment: str) -> Result:
        """`clauses`, without "linkage/", are all the clauses that are broken."""
        return self._is(self.judge(artifact, *options, **environment), "violation", 1, clauses, False, *words)

    def undecided(self, artifact: pathlib.Path, clauses: str, *words: str, options: Any = (),
                  **environment: str) -> Result:
        result = self._is(self.judge(artifact, *options, **environment), "error", 3, clauses, True, *words)
        assert all(finding["open"] for finding in result.report["findings"])
        return result

    def refused(self, *arguments: Any, words: tuple[str, ...]) -> None:
        """Checks for one line on standard error that names the file, and status 2."""
        done = self.run(*arguments)
        lines = done.stderr.splitlines()
        assert (done.returncode, len(lines)) == (2, 1), (done.returncode, done.stdout, done.stderr)
        for word in words:
            assert word in lines[0], lines[0]


class Family:
    """The same questions about the functions of one family."""

    def __init__(self, linkage: Linkage, name: str) -> None:
        self.linkage = linkage
        self.options = ["--family", name]

    def legal(self, artifact: pathlib.Path, *options: Any) -> Result:
        return self.linkage.legal(artifact, *self.options, *options)

    def illegal(self, artifact: pathlib.Path, clauses: str, *words: str, options: Any = ()) -> Result:
        return self.linkage.illegal(artifact, clauses, *words, options=[*self.options, *options])

    def undecided(self, artifact: pathlib.Path, clauses: str, *words: str, options: Any = ()) -> Result:
        return self.linkage.undecided(artifact, clauses, *words, options=[*self.options, *options])


@pytest.fixture
def malloc(linkage: Linkage) -> Family:
    return Family(linkage, "malloc")


@pytest.fixture
def cxx(linkage: Linkage) -> Family:
    return Family(linkage, "cxx")


@pytest.fixture
def linkage(tmp_path: pathlib.Path) -> Linkage:
    return Linkage(tmp_path)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, pathlib.Path]:
    return {}, tmp_path_factory.mktemp("objects")


def workshop_for(platform, tmp_path, store):
    why = platform.lacks()
    if why is not None:
        pytest.skip(why)
    return Workshop(platform, tmp_path, *store)


@pytest.fixture(params=PLATFORMS, ids=lambda platform: platform.name)
def shop(request: pytest.FixtureRequest, tmp_path: pathlib.Path, store: tuple[dict, pathlib.Path]) -> Workshop:
    """A test that takes it runs once for each platform."""
    return workshop_for(request.param, tmp_path, store)


@pytest.fixture
def native(tmp_path: pathlib.Path, store: tuple[dict, pathlib.Path]) -> Workshop:
    return workshop_for(NATIVE, tmp_path, store)
