"""The program `assay`, which pytest knows only by its command line and its JSON."""

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
    """assay could not be run, or did not answer as it promises."""


class Subject(NamedTuple):
    """A candidate, by which binding, where."""

    candidate: str
    binding: str  # empty: the one that fits
    platform: str

    @property
    def name(self) -> str:
        details = [word for word in (self.binding, "" if self.platform == NATIVE else self.platform) if word]
        return self.candidate + (f" [{', '.join(details)}]" if details else "")


class Answer(NamedTuple):
    """One run: a report, or why there is none."""

    status: int
    stderr: str
    report: dict | None

    def read(self) -> Report:
        """The report, if status and report agree; ToolError otherwise."""
        if self.report is None:
            raise ToolError(f"assay wrote no report (exit status {self.status}): {self.stderr.strip() or 'and said nothing'}")
        report = Report.read(self.report)
        if VERDICT_OF_STATUS.get(self.status) != report.verdict and not (self.status == 1 and report.verdict != "violates"):
            raise ToolError(f"assay's exit status {self.status} contradicts its report, which says '{report.verdict}'")
        return report

    @property
    def is_stale(self) -> bool:
        """A waiver that covers nothing any more is the one way to status 1 without a violation."""
        return self.status == 1 and self.report is not None and self.report["verdict"] != "violates"


def named(path: str, binding: str) -> str:
    """PATH[--BINDING] as one word of a path; empty if both are."""
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
        """The contract's clauses, as `assay list --json` has them."""
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
        """The verdict on a subject; the first who asks has it made, in whichever process."""
        return Answer(*self.once.get("run", subject.name, lambda: self.judge(subject)))

    def argv(self, subject: Subject) -> list[str]:
        binding = ["--binding", subject.binding] if subject.binding else []
        results = ["--results", str(self.results_of(subject))] if self.results else []
        return [*self.command(subject.platform), "run", subject.candidate, *binding, *self.options, *results]

    def judge(self, subject: Subject) -> Answer:
        with tempfile.TemporaryDirectory(prefix="assay-") as scratch:
            file = Path(scratch, "verdict.json")
            try:
                if self.results:  # assay makes the last directory of a path, not those above
                    Path(self.directory, self.results_of(subject)).parent.mkdir(parents=True, exist_ok=True)
                done = subprocess.run([*self.argv(subject), "--json", str(file)], cwd=self.directory, capture_output=True, text=True,
                                      errors="replace", stdin=subprocess.DEVNULL)
                report = json.loads(file.read_text()) if file.exists() else None
                if self.verdicts and report is not None:
                    self.keep(subject, file)
            except (OSError, ValueError) as problem:
                return Answer(-1, str(problem), None)
            return Answer(done.returncode, done.stderr, report)

    def results_of(self, subject: Subject) -> Path:
        """Where assay leaves a directory called as the candidate's file: each subject's is its own."""
        above = Path(subject.candidate).parent
        return Path(self.results, subject.platform, named("" if above == Path() else str(above), subject.binding))

    def keep(self, subject: Subject, file: Path) -> None:
        """The report as assay wrote it, as DIR/PLATFORM/CANDIDATE[--BINDING].json."""
        kept = Path(self.directory, self.verdicts, subject.platform, named(subject.candidate, subject.binding) + ".json")
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, kept)

    def again(self, subject: Subject, clause: str, scenario: str) -> str:
        """The command to type to see a clause judged alone, by the scenario that broke it, if one did."""
        return shlex.join([*self.argv(subject), "--clause", clause, *(["--scenario", scenario] if scenario else [])])
