"""The types for the output of `assay run --json`, and the table from the verdict on a clause to the outcome of its
test."""

from enum import Enum
from typing import Any, NamedTuple, Optional


class Finding(NamedTuple):
    """One violation that was seen."""

    scenario: str
    seed: int
    message: str
    expected: str
    actual: str
    trace: str
    reproducer: str
    whole_trace: bool = False  # older reports do not have it

    @property
    def calls(self) -> str:
        return self.trace if self.whole_trace or not self.trace else "(the last ones)\n" + self.trace

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Finding":
        return cls(**{field: data[field] for field in cls._fields if field in data or field not in cls._field_defaults})


class Clause(NamedTuple):
    """The verdict on one clause."""

    id: str
    level: str
    verdict: str
    exercised: int
    required: bool
    statement: str
    note: str
    findings: tuple[Finding, ...]

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Clause":
        return cls(data["id"], data["level"], data["verdict"], data["exercised"],
                   data.get("required", data["level"] == "must"),
                   data.get("statement", ""), data.get("note") or "", tuple(map(Finding.read, data["findings"])))


def stale_of(waivers: Optional[dict[str, Any]]) -> tuple[str, ...]:
    """The stale waivers in the words of assay, one line each."""
    return tuple(f"assay: {waivers['file']}:{waiver['line']}: stale waiver [{waiver['clause']}]: {waiver['text']}"
                 for waiver in (waivers or {}).get("stale", ()))


class Report(NamedTuple):
    """The verdict on one candidate."""

    path: str
    binding: str
    platform: str
    level: str
    verdict: str
    reason: str
    clauses: dict[str, Clause]
    scenarios: frozenset[str] = frozenset()  # those that were run
    part: Optional[dict[str, Any]] = None  # what was judged, when it was not the whole contract
    fix_first: str = ""
    stale: tuple[str, ...] = ()  # the waivers that cover nothing

    @property
    def part_text(self) -> str:
        """What was judged, in one line; empty for the whole contract."""
        if not self.part:
            return ""
        words = [f"--clause {glob}" for glob in self.part["clauses"]]
        words += [f"--scenario {glob}" for glob in self.part["scenarios"]]
        words += [f"--exclude {glob}" for glob in self.part.get("excluded", [])]
        return ", ".join(words + [f"{name}={value}" for name, value in self.part["check"].items()])

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Report":
        clauses = map(Clause.read, data["clauses"])
        return cls(**data["candidate"], level=data["level"], verdict=data["verdict"], reason=data["reason"],
                   clauses={clause.id: clause for clause in clauses},
                   scenarios=frozenset(scenario["name"] for scenario in data.get("scenarios", ())),
                   part=data.get("part"),
                   fix_first=data.get("fix_first") or "", stale=stale_of(data.get("waivers")))


class Outcome(Enum):
    """The outcome of a clause's test."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    WAIVED = "waived"


def outcome_of(clause: Optional[Clause], level: str) -> Outcome:
    """A clause without a verdict fails, because silence is no pass. A quality clause fails only when the level asks for
    it."""
    if clause is None:
        return Outcome.FAILED
    asked = clause.level == "must" or clause.level == level
    return {
        "holds": Outcome.PASSED,
        "observed": Outcome.PASSED,
        "waived": Outcome.WAIVED,
        "not-applicable": Outcome.SKIPPED,
        "violated": Outcome.FAILED if asked else Outcome.SKIPPED,
        "not-exercised": Outcome.FAILED if clause.required else Outcome.SKIPPED,
    }.get(clause.verdict, Outcome.FAILED)


def why(clause: Clause) -> str:
    """The clause's verdict in one line."""
    message = clause.findings[0].message if clause.findings else ""
    detail = clause.note or message
    return f"{clause.verdict}: {detail}" if detail else clause.verdict


def evidence(clause: Clause, again: str) -> str:
    """The text of a failed test: the statement, every finding, and the command to see it again."""
    lines = [f"{clause.id} ({clause.level}) {clause.verdict}", f"  {clause.statement}"]
    if not clause.findings:
        lines += ["", f"  {clause.note or 'no scenario put it to the test: undecided'}"]
    for finding in clause.findings:
        lines += ["", f"  {finding.message}", *field("expected", finding.expected), *field("actual", finding.actual),
                  *field("seen in", f"{finding.scenario}, seed {finding.seed}"), *field("calls", finding.calls),
                  *field("reproduce", finding.reproducer)]
    return "\n".join(lines + ["", *field("again", again), *field("why", f"assay explain {clause.id}")])


def field(label: str, text: str) -> list[str]:
    """Writes `label text`, with further lines of the text below the first. An empty text gives nothing."""
    return [f"  {label if number == 0 else '':<10}{line}" for number, line in enumerate(text.splitlines())]
