#!/usr/bin/env python3
"""Takes the place of assay in the plugin's tests. The name of the candidate selects the answer, and every run is
counted.

The names are good, bad, open (a required clause was not exercised), none (there was nothing to judge), unjudged,
waived, stale, silent (no report), liar (status 0 and a report with violations), partial (a clause is missing) and part
(only one group was judged).
"""

import json
import os
import sys
from pathlib import Path

IDS = ["alignment/allocate", "block/disjoint", "in-place/shrunk", "usable-size/monotone", "deallocate/reuse"]
LEVELS = ["must", "must", "must", "observed", "should"]
VERDICTS = {
    "good": ["holds", "holds", "not-applicable", "observed", "holds"],
    "bad": ["violated", "holds", "not-applicable", "observed", "violated"],
    "open": ["holds", "not-exercised", "not-applicable", "observed", "holds"],
    "none": ["not-applicable", "not-applicable", "not-applicable", "not-exercised", "not-exercised"],
    "waived": ["waived", "waived", "waived", "observed", "holds"],
}
STATUS = {"bad": 1, "open": 3, "none": 3, "unjudged": 2, "stale": 1}
STALE = [{"clause": "block/disjoint", "line": 1, "text": "nothing it covers was found; remove it"}]
WORD = {0: "conforms", 1: "violates", 2: "unjudged", 3: "undecided"}
FINDING = {"scenario": "alignment/sweep", "seed": 1, "message": "allocate(size 8, align 64)",
           "expected": "a multiple of 64",
           "actual": "0x5510, a multiple of 16 only",
           "trace": "b1 = allocate(size 8, align 8)\nb2 = allocate(size 8, align 64)",
           "whole_trace": True, "reproducer": "cc a.c -o repro && ./repro ./bad.so"}


def clause(number: int, verdict: str) -> dict:
    broken = verdict == "violated"
    return {"id": IDS[number], "level": LEVELS[number], "verdict": verdict, "exercised": 7,
            "statement": "What it says.",
            "required": LEVELS[number] == "must" and verdict != "not-applicable",
            "note": "as noted" if verdict == "waived" else None,
            "findings": [{"clause": IDS[number], **FINDING}] if broken else []}


def report(path: str, kind: str, status: int) -> dict:
    verdicts = [] if kind == "unjudged" else VERDICTS.get({"liar": "bad"}.get(kind, kind), VERDICTS["good"])
    rows = [clause(number, verdict) for number, verdict in enumerate(verdicts)]
    word = "violates" if kind == "liar" else "conforms" if kind == "stale" else WORD[status]
    return {"tool": {"name": "assay", "version": "0"}, "level": "must", "seed": 1, "duration_s": 0.1, "verdict": word,
            "candidate": {"path": path, "binding": "rust-1.19", "platform": "x86_64"}, "reason": f"{path} is {kind}",
            "clauses": rows[:1] if kind == "partial" else rows, "scenarios": [],
            "part": {"clauses": [], "scenarios": [], "check": {"CK_RUN_SUITE": "block"}} if kind == "part" else None,
            "fix_first": "alignment/allocate" if kind == "bad" else None,
            "waivers": {"file": "w.ini", "unneeded": [], "stale": STALE} if kind == "stale" else None}


def run(arguments: list) -> int:
    path = arguments[0]
    kind = Path(path).stem.split("-")[0]
    with open(os.environ["FAKE_LOG"], "a") as log:
        log.write(" ".join(arguments) + "\n")
    status = STATUS.get(kind, 0)
    if kind == "stale":
        print("assay: w.ini:1: stale waiver [block/disjoint]", file=sys.stderr)
    if kind == "silent":
        print("assay: cannot start", file=sys.stderr)
        return 0
    Path(arguments[arguments.index("--json") + 1]).write_text(json.dumps(report(path, kind, status)))
    return status


if __name__ == "__main__":
    if sys.argv[1:] == ["list", "--json"]:
        print(json.dumps({"clauses": [{"id": i, "level": level} for i, level in zip(IDS, LEVELS)], "scenarios": []}))
        sys.exit(0)
    if sys.argv[1] == "probe":
        print("rust-1.19  fits")
        sys.exit(0)
    sys.exit(run(sys.argv[2:]))
