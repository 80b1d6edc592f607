"""The program `assay`, which the plugin uses only through its command line and its JSON."""

import json
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from .once import Once
from .verdict import Report

RUNNERS = Path(__file__).resolve().parents[1]
NATIVE = "native"
VERDICT_OF_STATUS = {0: "conforms", 1: "violates", 2: "unjudged", 3: "undecided"}


class ToolError(Exception):
    """assay could not be run, or did not answer as it should."""


class Subject(NamedTuple):
    """A candidate, its binding and its platform."""

    candidate: str
    binding: str  # empty: the one that fits best
    platform: str

    @property
    def name(self) -> str:
        details = [word for word in (self.binding, "" if self.platform == NATIVE else self.platform) if word]
        return self.candidate + (f" [{', '.join(details)}]" if details else "")


class Answer(NamedTuple):
    """The result of one run: a report, or the reason why there is none."""

    status: int
    stderr: str
    report: dict | None

    def read(self) -> Report:
        """Returns the report if it agrees with the exit status. Raises ToolError otherwise."""
        if self.report is None:
            said = self.stderr.strip() or "and said nothing"
            raise ToolError(f"assay wrote no report (exit status {self.status}): {said}")
        report = Report.read(self.report)
        is_stale = self.status == 1 and report.verdict != "violates"
        if VERDICT_OF_STATUS.get(self.status) != report.verdict and not is_stale:
            raise ToolError(f"assay's exit status {self.status} contradicts its report, which says '{report.verdict}'")
        return report

    @property
    def is_stale(self) -> bool:
        """Status 1 without a violation means that a waiver no longer covers anything."""
        return self.status == 1 and self.report is not None and self.report["verdict"] != "violates"


def named(path: str, binding: str) -> str:
    """PATH[--BINDING] as one component of a path; empty when both are empty."""
    words = [path.strip("/").replace("/", "-"), Path(binding).name]
    return "--".join(word for word in words if word)


@dataclass(frozen=True)
class Tool:
    """How to call assay, and with which options."""

    program: Path
    options: tuple[str, ...]  # for `run`
    results: str              # directory for reproducers; empty: none
    verdicts: str             # directory for the reports themselves; empty: none
    directory: Path           # where relative paths begin
    once: Once

    def command(self, platform: str) -> list[str]:
        return [str(self.program)] if platform == NATIVE else [str(RUNNERS / "on"), platform, "assay"]

    def clauses(self, platform: str) -> list[dict]:
        """The contract's clauses, from `assay list --json`."""
        return self.once.get("list", platform, lambda: self.list_clauses(platform))

    def list_clauses(self, platform: str) -> list[dict]:
        argv = [*self.command(platform), "list", "--json"]
        try:
            done = subprocess.run(argv, cwd=self.directory, capture_output=True, text=True, errors="replace")
            return json.loads(done.stdout)["clauses"]
        except (OSError, ValueError, KeyError) as problem:
            said = "" if isinstance(problem, OSError) else done.stderr.strip()
            raise ToolError(f"{shlex.join(argv)}: {said or problem}") from problem

    def run(self, subject: Subject) -> Answer:
        """The verdict on a subject. The first process that asks runs assay."""
        return Answer(*self.once.get("run", subject.name, lambda: self.judge(subject)))

    def argv(self, subject: Subject) -> list[str]:
        binding = ["--binding", subject.binding] if subject.binding else []
        results = ["--results", str(self.results_of(subject))] if self.results else []
        return [*self.command(subject.platform), "run", subject.candidate, *binding, *self.options, *results]

    def judge(self, subject: Subject) -> Answer:
        with tempfile.TemporaryDirectory(prefix="assay-") as scratch:
            file = Path(scratch, "verdict.json")
            try:
                if self.results:  # assay makes only the last directory of a path
                    Path(self.directory, self.results_of(subject)).parent.mkdir(parents=True, exist_ok=True)
                done = subprocess.run([*self.argv(subject), "--json", str(file)], cwd=self.directory,
                                      capture_output=True, text=True,
                                      errors="replace", stdin=subprocess.DEVNULL)
                report = json.loads(file.read_text()) if file.exists() else None
                if self.verdicts and report is not None:
                    self.keep(subject, file)
            except (OSError, ValueError) as problem:
                return Answer(-1, str(problem), None)
            return Answer(done.returncode, done.stderr, report)

    def results_of(self, subject: Subject) -> Path:
        """The directory in which assay makes one with the name of the candidate's file. Each subject has its own."""
        above = Path(subject.candidate).parent
        return Path(self.results, subject.platform, named("" if above == Path() else str(above), subject.binding))

    def keep(self, subject: Subject, file: Path) -> None:
        """Copies the report as assay wrote it to DIR/PLATFORM/CANDIDATE[--BINDING].json."""
        kept = Path(self.directory, self.verdicts, subject.platform,
                    named(subject.candidate, subject.binding) + ".json")
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, kept)

    def again(self, subject: Subject, clause: str, scenario: str) -> str:
        """The command that judges one clause again, with the scenario that broke it if there was one."""
        return shlex.join([*self.argv(subject), "--clause", clause, *(["--scenario", scenario] if scenario else [])])
