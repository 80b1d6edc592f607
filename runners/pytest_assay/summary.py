"""The summary after the tests: which clauses were left aside and why. An undecided run does not end with status 0."""

from typing import Any, NamedTuple

import pytest
from _pytest.terminal import TerminalReporter


class Line(NamedTuple):
    """One clause that is neither simply kept nor failed."""

    candidate: str
    clause: str
    note: str


class Summary:
    """A plugin that collects the reports in the process that prints. Under pytest-xdist, that process ran no test."""

    def __init__(self) -> None:
        self.aside: list[Line] = []
        self.verdicts: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        self.judged = self.ran = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told: dict[str, Any] = dict(report.user_properties)
        if report.when != "call" or "candidate_verdict" not in told:
            return
        candidate = report.nodeid.split("::")[1]
        self.verdicts[candidate] = told["candidate_verdict"]
        self.parts[candidate] = told.get("part", "")
        if "clause" not in told:
            return
        self.ran += 1
        self.judged += report.passed or told.get("verdict") == "waived"
        if "note" in told:
            self.aside.append(Line(candidate, told["clause"], told["note"]))

    def is_decided(self) -> bool:
        """Was some clause judged, and has every candidate a verdict? When no test ran, pytest itself reports it."""
        settled = all(verdict in ("conforms", "violates") for verdict in self.verdicts.values())
        return settled and (self.judged > 0 or self.ran == 0)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Skipped and undecided tests look like success everywhere, so the exit status must not."""
        if session.exitstatus == pytest.ExitCode.OK and not self.is_decided():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        if self.verdicts:
            self.write(terminalreporter)

    def write(self, terminal: TerminalReporter) -> None:
        if self.aside:
            terminal.section("left aside or observed")
        width = max((len(line.clause) for line in self.aside), default=0)
        for candidate in dict.fromkeys(line.candidate for line in self.aside):
            terminal.line(candidate)
            for line in sorted(line for line in self.aside if line.candidate == candidate):
                terminal.line(f"  {line.clause:<{width}}  {line.note}")
        terminal.section("verdicts")
        for candidate, verdict in sorted(self.verdicts.items()):
            part = f" (a part of the contract only: {self.parts[candidate]})" if self.parts.get(candidate) else ""
            terminal.line(f"{verdict}: {candidate}{part}", green=verdict == "conforms", red=verdict != "conforms")
