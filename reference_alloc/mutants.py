#!/usr/bin/env python3
"""Proof by seeded faults: each fault is convicted by a clause that describes it, each odd but correct variant
acquitted.

All of them are built (see mutant.py) and judged through the command line. The first seed runs every scenario, which
gives the matrix fault by clause. Further seeds run the scenarios of the fault's own clauses until one convicts it.

The exit status is 0 only if each fault is convicted at every seed, each variant is acquitted at every seed, and each
judged clause is broken by at least two faults. A fault of the form `chance` is a race that only some seeds meet. It is
listed with its rate and decides nothing. Where the platform (an emulator) cannot judge all the clauses of a fault or a
variant, that one decides nothing either.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import time

from mutant import Mutant, build, load

CONTRACTS = ["rust-1.19", "malloc"]


def arguments(mutant: Mutant, seed: int, first: bool, asked: argparse.Namespace) -> list[str]:
    """Any scenario may meet a crash first, so any of them may convict a fault of abi/*. Faults and companions
    are judged at the level should, because some faults break only what should be kept."""
    level = ["--level", "should"] if mutant.clauses or mutant.is_companion else []
    anywhere = ["--scenario", "*"] if mutant.clauses and mutant.clauses[0].startswith("abi/") else []
    its_own = [word for glob in mutant.clauses for word in ("--clause", glob)]
    narrow = [] if first or not mutant.clauses else [*its_own, *anywhere, "--fail-fast"]
    binding = "malloc" if mutant.contract == "malloc" else "rust-1.19"
    return [
        "--binding",
        binding,
        "--contract",
        mutant.contract,
        "--seed",
        str(seed),
        "--effort",
        asked.effort,
        "--jobs",
        "1",
        "--shrink",
        "3" if first else "0",
        *level,
        *narrow,
    ]


def judge(mutant: Mutant, seed: int, first: bool, asked: argparse.Namespace) -> None:
    path = mutant.library.with_suffix(f".{seed}.json")
    path.unlink(missing_ok=True)
    done = subprocess.run(
        [*shlex.split(asked.assay), "run", mutant.library, "--json", path, *arguments(mutant, seed, first, asked)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=3600,
    )
    if not path.exists():
        mutant.trouble = "no report: " + done.stderr.strip()[:200]
        return
    report = json.loads(path.read_text())
    if report["verdict"] == "unjudged":
        mutant.trouble = "not judged: " + report["reason"]
        return
    mutant.verdicts[seed] = report["verdict"]
    mutant.violated[seed] = [clause["id"] for clause in report["clauses"] if clause["verdict"] == "violated"]
    note_limits(mutant, report)
    if first or asked.narrow:
        note_findings(mutant, report)


def note_limits(mutant: Mutant, report: dict) -> None:
    """Where an emulator lacks what a clause relies on, that clause convicts and acquits nobody. The limit is only
    reported."""
    asked = [
        clause
        for clause in report["clauses"]
        if (mutant.describes(clause["id"]) if mutant.clauses else clause["required"])
    ]
    mutant.limit = next((clause["note"] for clause in asked if clause["lacks"]), mutant.limit)


def note_findings(mutant: Mutant, report: dict) -> None:
    scenarios = {scenario["name"]: scenario["operations"] for scenario in report["scenarios"]}
    findings = [f for clause in report["clauses"] if mutant.describes(clause["id"]) for f in clause["findings"]]
    seen = [scenarios[finding["scenario"]] for finding in findings if finding["scenario"] in scenarios]
    lines = [len(finding["trace"].splitlines()) for finding in findings if finding["whole_trace"]]
    mutant.operations = min(seen, default=None)
    mutant.trace_lines = min(lines, default=None)


def run(mutants: list[Mutant], asked: argparse.Namespace) -> None:
    where = pathlib.Path(asked.build) / "mutants"
    cc = shlex.split(asked.cc)
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        list(pool.map(lambda mutant: build(mutant, where, cc), mutants))
        tasks = [(mutant, seed) for index, seed in enumerate(asked.seeds) for mutant in mutants if not mutant.trouble]
        verdicts = pool.map(
            lambda task: judge(task[0], task[1], task[1] == asked.seeds[0] and not asked.narrow, asked), tasks
        )
        for done, _ in enumerate(verdicts, start=1):
            tell_progress(tasks[done - 1], f"{done} of {len(tasks)} verdicts")


def tell_progress(task: tuple[Mutant, int], so_far: str) -> None:
    """Prints how many are done, and each that escaped as soon as it has."""
    mutant, seed = task
    if mutant.clauses and not mutant.convicted_at(seed) and not mutant.is_beyond:
        print(f"{mutant.name}: not convicted at seed {seed}", file=sys.stderr, flush=True)
    if not mutant.clauses and mutant.verdicts.get(seed) != "conforms" and not mutant.is_beyond:
        print(f"{mutant.name}: not acquitted at seed {seed}", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(so_far, end="\r", file=sys.stderr, flush=True)


def print_matrix(mutants: list[Mutant], first: int) -> None:
    for mutant in mutants:
        seeds = len(mutant.verdicts)
        if mutant.trouble:
            state = mutant.trouble
        elif mutant.is_beyond:
            state = "not judged here"
        elif mutant.clauses:
            state = f"convicted {mutant.caught()}/{seeds}" if mutant.caught() else f"SURVIVED 0/{seeds}"
        else:
            kept = sum(verdict == "conforms" for verdict in mutant.verdicts.values())
            state = f"acquitted {kept}/{seeds}"
        violated = " ".join(mutant.violated.get(first, []))
        print(f"{mutant.name:<28} {mutant.form:<9} {state:<15} {violated}")


def print_median(what: str, figures: list[int | None]) -> None:
    known = sorted(figure for figure in figures if figure is not None)
    if known:
        most = known[(len(known) * 9 - 1) // 10]
        print(f"{what}: median {statistics.median(known):.0f}, nine in ten at most {most}, of {len(known)}")


def judged_clauses(assay: str) -> list[str]:
    """The clauses of every contract. When the program does not run at all, it is empty, and a line says why."""
    judged = []
    for contract in CONTRACTS:
        done = subprocess.run(
            [*shlex.split(assay), "list", "--json", "--contract", contract], capture_output=True, text=True
        )
        if done.returncode != 0:
            print(done.stderr.strip() or f"{assay}: ends with status {done.returncode}", file=sys.stderr)
            return []
        judged += [
            clause["id"]
            for clause in json.loads(done.stdout)["clauses"]
            if clause["level"] != "observed" and clause["judged"]
        ]
    return list(dict.fromkeys(judged))


def broken_once(faults: list[Mutant], judged: list[str]) -> list[str]:
    """The clauses that are broken by fewer than two of the faults whose headers name them."""

    def breaks(fault: Mutant, id: str) -> bool:
        return fault.describes(id) and any(id in violated for violated in fault.violated.values())

    return [id for id in judged if sum(breaks(fault, id) for fault in faults) < 2]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default="build/assay", help="the command that runs assay")
    parser.add_argument("--cc", default="cc", help="the compiler, with its options")
    parser.add_argument("--build", default="build", help="the build tree")
    parser.add_argument("--only", action="append", help="judge only those whose names match this glob; repeatable")
    parser.add_argument(
        "--seeds",
        type=lambda text: [int(word) for word in text.split(",")],
        default=[1, 2, 3],
        help="the seeds, separated by commas (default: 1,2,3)",
    )
    parser.add_argument("--effort", default="standard", help="as for `assay run`")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many to judge at once")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="judge only every N-th fault, as a sample")
    parser.add_argument(
        "--narrow",
        action="store_true",
        help="run only the scenarios of the fault's own clauses, also at the first seed, until one "
        "convicts it; prints no matrix",
    )
    parser.add_argument("--what", choices=["faults", "variants", "both"], default="both", help="what to judge")
    parser.add_argument(
        "--width", choices=["32", "64"], default="64", help="the width of the platform's addresses in bits"
    )
    parser.add_argument("--json", type=pathlib.Path, help="also write the results to this file")
    asked = parser.parse_args()
    asked.only = asked.only or ["*"]
    return asked


def choose(asked: argparse.Namespace) -> tuple[list[Mutant], list[Mutant]]:
    faults = [fault for fault in load("faults", asked.only) if not (fault.platform == "64-bit" and asked.width == "32")]
    variants = load("variants", asked.only) + load("companions", asked.only)
    if asked.every > 1:
        faults = [fault for fault in faults if not fault.is_chance][:: asked.every]
    return faults if asked.what != "variants" else [], variants if asked.what != "faults" else []


def print_summary(faults: list[Mutant], variants: list[Mutant], convicted: list[Mutant], thin: list[str]) -> None:
    print_median("operations to conviction", [fault.operations for fault in convicted])
    print_median("calls in the shortest trace", [fault.trace_lines for fault in convicted])
    for mutant in faults + variants:
        if mutant.is_beyond:
            print(f"not judged here: {mutant.name}: {mutant.limit}")
    for fault in faults:
        if fault.is_beyond:
            continue
        if fault.is_chance or 0 < fault.caught() < len(fault.verdicts):
            how = ", by chance" if fault.is_chance else " only"
            print(f"caught at {fault.caught()} of {len(fault.verdicts)} seeds{how}: {fault.name}")
    for clause in thin:
        print(f"broken by fewer than two faults: {clause}")


def main() -> int:
    asked = options()
    began = time.monotonic()
    judged = judged_clauses(asked.assay)
    if not judged:
        return 2
    faults, variants = choose(asked)
    run(faults + variants, asked)
    print_matrix(faults + variants, asked.seeds[0])
    convicted = [fault for fault in faults if fault.verdicts and fault.caught() == len(fault.verdicts)]
    judgeable = [one for one in variants if not one.is_beyond]
    acquitted = [one for one in judgeable if one.verdicts and set(one.verdicts.values()) == {"conforms"}]
    whole = asked.only == ["*"] and asked.every == 1 and asked.what == "both" and not asked.narrow
    thin = broken_once(faults, judged) if whole else []
    certain = [fault for fault in faults if not fault.is_chance and not fault.is_beyond]
    missed = [fault for fault in certain if fault not in convicted]
    print(
        f"\nconvicted {len(certain) - len(missed)} of {len(certain)}, "
        f"acquitted {len(acquitted)} of {len(judgeable)}, "
        f"seeds {asked.seeds}, {time.monotonic() - began:.0f} s in all"
    )
    print_summary(faults, variants, convicted, thin)
    if asked.json:
        asked.json.write_text(json.dumps([dataclasses.asdict(one) for one in faults + variants], indent=1, default=str))
    return 0 if not missed and len(acquitted) == len(judgeable) and not thin else 1


if __name__ == "__main__":
    sys.exit(main())
