"""The tests: one per subject and clause, and one per subject for the verdict as a whole."""

from fnmatch import fnmatchcase
from typing import Any, Iterator

import pytest

from .tool import Subject, Tool, ToolError
from .verdict import Outcome, evidence, outcome_of, why

TOOL = pytest.StashKey[Tool]()
SUBJECTS = pytest.StashKey[list]()


class Broken(Exception):
    """A test failed, and the text is the whole message."""


class Contract(pytest.File):
    """contract.assay: has one collector per subject."""

    def collect(self) -> Iterator[pytest.Collector]:
        for subject in self.config.stash[SUBJECTS]:
            yield Candidate.from_parent(self, name=subject.name, subject=subject)


class Candidate(pytest.Collector):
    """A candidate with a binding on a platform."""

    def __init__(self, *, subject: Subject, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.subject = subject

    def collect(self) -> Iterator[pytest.Item]:
        globs = self.config.option.assay_clause
        for clause in self.config.stash[TOOL].clauses(self.subject.platform):
            if not globs or any(fnmatchcase(clause["id"], glob) for glob in globs):
                yield ClauseTest.from_parent(self, name=clause["id"], level=clause["level"])
        yield VerdictTest.from_parent(self, name="verdict")

    def repr_failure(self, excinfo: pytest.ExceptionInfo) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, ToolError) else super().repr_failure(excinfo)


class AssayTest(pytest.Item):
    """The common part of the tests: the run that they all read, and the form of a failure."""

    parent: Candidate

    def run_assay(self) -> tuple:
        """Returns answer and report. Raises ToolError, which fails the test, when there is no report to trust."""
        subject = self.parent.subject
        self.user_properties += [("candidate", subject.candidate), ("platform", subject.platform),
                                 ("candidate_verdict", "unjudged")]
        answer = self.config.stash[TOOL].run(subject)
        report = answer.read()
        self.user_properties[-1] = ("candidate_verdict", "stale waiver" if answer.is_stale else report.verdict)
        self.user_properties.append(("binding", report.binding))
        if report.part_text:
            self.user_properties.append(("part", report.part_text))
        return answer, report

    def repr_failure(self, excinfo: pytest.ExceptionInfo, style: Any = None) -> Any:
        is_told = isinstance(excinfo.value, (Broken, ToolError))
        return str(excinfo.value) if is_told else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple:
        return self.path, None, f"{self.parent.name} {self.name}"


class ClauseTest(AssayTest):
    """One clause of one subject."""

    def __init__(self, *, level: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user_properties += [("clause", self.name), ("level", level)]

    def runtest(self) -> None:
        try:
            report = self.run_assay()[1]
        except ToolError:
            pytest.skip("no verdict: the test `verdict` says why")
        if report.verdict == "unjudged":
            pytest.skip("could not be asked: the test `verdict` says why")
        clause = report.clauses.get(self.name)
        if clause is None:
            raise Broken(f"no verdict on this clause: the candidate is {report.verdict}: {report.reason}")
        self.user_properties += [("verdict", clause.verdict), ("exercised", clause.exercised)]
        outcome = outcome_of(clause, report.level)
        if outcome is Outcome.FAILED:
            scenario = next((f.scenario for f in clause.findings if f.scenario in report.scenarios), "")
            raise Broken(evidence(clause, self.config.stash[TOOL].again(self.parent.subject, clause.id, scenario)))
        if clause.verdict != "holds":
            self.user_properties.append(("note", why(clause)))
        if outcome is Outcome.SKIPPED:
            pytest.skip(why(clause))
        if outcome is Outcome.WAIVED:
            pytest.xfail(why(clause))


class VerdictTest(AssayTest):
    """Fails for what no clause shows: an undecided verdict, an unjudged candidate, no answer, or a stale waiver. It
    fails whenever assay does."""

    def runtest(self) -> None:
        answer, report = self.run_assay()
        if answer.is_stale:
            raise Broken("\n".join(report.stale) or answer.stderr.strip())
        if report.verdict != "conforms":
            first = f"\nfix this first: {report.fix_first}" if report.fix_first else ""
            raise Broken(f"{report.verdict}: {report.reason}{first}")
