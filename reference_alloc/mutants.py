#!/usr/bin/env python3
"""Proof by seeded faults: every fault is convicted by a clause that describes it, every odd but correct variant is acquitted.

A fault is a patch in faults/ against a file of the reference allocator, with header lines that say which clauses describe it; a
variant is a patch or a C file in variants/. All are built and judged by the command line, the first seed with every scenario (that is the
matrix fault by clause), further seeds with the scenarios of the fault's own clauses.

Exit status 0 only if each `must` fault is convicted at every seed, each variant acquitted at every seed, and each must clause that a
scenario judges is broken by two faults at least.
"""

import argparse
import concurrent.futures
import dataclasses
import fnmatch
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = ["reference_alloc.c", "reference_alloc.h", "reference_alloc_kernel.h", "reference_alloc_invariants.h"]
FLAGS = ["-O2", "-g", "-std=gnu11", "-w", "-D_GNU_SOURCE", "-fPIC", "-fvisibility=hidden", "-fno-stack-protector", "-ftls-model=initial-exec", "-shared",
         "-pthread"]


@dataclasses.dataclass
class Mutant:
    name: str
    path: pathlib.Path
    clauses: list[str]  # none: a variant, innocent
    form: str
    about: str
    platform: str = ""
    library: pathlib.Path | None = None
    verdicts: dict[int, str] = dataclasses.field(default_factory=dict)
    violated: dict[int, list[str]] = dataclasses.field(default_factory=dict)
    operations: int = 0
    trace_lines: int = 0
    trouble: str = ""

    def describes(self, clause: str) -> bool:
        return any(fnmatch.fnmatch(clause, glob) for glob in self.clauses)

    def convicted_at(self, seed: int) -> bool:
        return any(self.describes(clause) for clause in self.violated.get(seed, []))


def read_header(path: pathlib.Path) -> dict[str, str]:
    """`Key: value` lines before the first empty line; of a C file, those of its first comment."""
    header = {}
    for line in path.read_text().splitlines():
        match = re.match(r"[/ *]*(Clause|Form|About|Platform): (.*?)(?: \*/)?$", line)
        if match:
            header[match[1]] = match[2]
        elif header:
            break
    return header


def load(directory: str, only: str) -> list[Mutant]:
    mutants = []
    for path in sorted((HERE / directory).glob("*")):
        if path.suffix not in (".patch", ".c") or not fnmatch.fnmatch(path.stem, only):
            continue
        header = read_header(path)
        clauses = [glob.strip() for glob in header.get("Clause", "").split(",") if glob.strip()]
        mutants.append(Mutant(path.stem, path, clauses, header.get("Form", "?"), header.get("About", "?"), header.get("Platform", "")))
    return mutants


def build(mutant: Mutant, where: pathlib.Path, cc: list[str]) -> None:
    flags = FLAGS if mutant.path.suffix == ".patch" else [flag for flag in FLAGS if flag != "-fvisibility=hidden"]
    content = mutant.path.read_bytes() + b"".join((HERE / name).read_bytes() for name in SOURCES) + " ".join(cc + flags).encode()
    place = where / f"{mutant.name}-{hashlib.sha256(content).hexdigest()[:12]}"
    mutant.library = place / f"{mutant.name}.so"
    if mutant.library.exists():
        return
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    source = mutant.path
    if mutant.path.suffix == ".patch":
        for name in SOURCES:
            shutil.copy(HERE / name, place)
        patched = subprocess.run(["patch", "-s", "-p1", "-i", str(mutant.path)], cwd=place, capture_output=True, text=True)
        if patched.returncode != 0:
            mutant.trouble = "the patch does not apply: " + patched.stdout.strip().replace("\n", " ")
            return
        source = place / "reference_alloc.c"
    partial = place / "partial.so"
    done = subprocess.run([*cc, *flags, f"-I{place}", f"-I{HERE}", "-o", str(partial), str(source)], capture_output=True, text=True)
    if done.returncode != 0:
        mutant.trouble = "does not compile: " + done.stderr.strip()[:200]
    else:
        partial.rename(mutant.library)


def judge(mutant: Mutant, seed: int, first: bool, asked: argparse.Namespace) -> None:
    report_path = mutant.library.with_suffix(f".{seed}.json")
    report_path.unlink(missing_ok=True)
    level = ["--level", "should"] if mutant.clauses else []
    anywhere = not mutant.clauses or mutant.clauses[0].startswith("abi/")  # a crash shows in whichever scenario gets there
    narrow = [] if first or anywhere else [word for glob in mutant.clauses for word in ("--clause", glob)]
    subprocess.run([*shlex.split(asked.assay), "run", str(mutant.library), "--binding", "rust-1.19", "--seed", str(seed), "--effort", asked.effort,
                    "--jobs", "1", "--shrink", "3" if first else "0", "--json", str(report_path), *level, *narrow],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=1200)
    if not report_path.exists():
        mutant.verdicts[seed] = "no report"
        return
    report = json.loads(report_path.read_text())
    mutant.verdicts[seed] = report["verdict"]
    mutant.violated[seed] = [clause["id"] for clause in report["clauses"] if clause["verdict"] == "violated"]
    if first or asked.narrow:
        note_findings(mutant, report)


def note_findings(mutant: Mutant, report: dict) -> None:
    scenarios = {scenario["name"]: scenario["operations"] for scenario in report["scenarios"]}
    findings = [f for clause in report["clauses"] if mutant.describes(clause["id"]) for f in clause["findings"]]
    seen = [scenarios.get(finding["scenario"], 0) for finding in findings]
    lines = [len(finding["trace"].splitlines()) for finding in findings if finding["trace"]]
    mutant.operations = min(seen, default=0)
    mutant.trace_lines = min(lines, default=0)


def run(mutants: list[Mutant], asked: argparse.Namespace) -> None:
    where = pathlib.Path(asked.build) / "mutants"
    cc = shlex.split(asked.cc)
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        list(pool.map(lambda mutant: build(mutant, where, cc), mutants))
        tasks = [(mutant, seed) for index, seed in enumerate(asked.seeds) for mutant in mutants if not mutant.trouble]
        list(pool.map(lambda task: judge(task[0], task[1], task[1] == asked.seeds[0] and not asked.narrow, asked), tasks))


def print_matrix(mutants: list[Mutant], first: int) -> None:
    for mutant in mutants:
        seeds = len(mutant.verdicts)
        if mutant.trouble:
            state = mutant.trouble
        elif mutant.clauses:
            caught = sum(mutant.convicted_at(seed) for seed in mutant.verdicts)
            state = f"convicted {caught}/{seeds}" if caught else f"SURVIVED 0/{seeds}"
        else:
            kept = sum(verdict == "conforms" for verdict in mutant.verdicts.values())
            state = f"acquitted {kept}/{seeds}"
        violated = " ".join(mutant.violated.get(first, []))
        print(f"{mutant.name:<28} {mutant.form:<9} {state:<15} {violated}")


def clauses_broken_twice(faults: list[Mutant], assay: str) -> list[str]:
    """Must clauses that a scenario judges and that fewer than two convicted faults name or break."""
    listed = json.loads(subprocess.run([*shlex.split(assay), "list", "--json"], capture_output=True, text=True, check=True).stdout)
    must = [clause["id"] for clause in listed["clauses"] if clause["level"] == "must" and clause["judged"]]
    return [id for id in must if sum(any(id in violated for violated in fault.violated.values()) for fault in faults) < 2]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default="build/assay")
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", default="*", help="names, as a glob")
    parser.add_argument("--seeds", type=lambda text: [int(word) for word in text.split(",")], default=[1, 2, 3])
    parser.add_argument("--effort", default="standard")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--every", type=int, default=1, help="of the faults only every N-th: a sample")
    parser.add_argument("--narrow", action="store_true", help="the first seed, too, runs only the scenarios of the fault's own clauses: no matrix")
    parser.add_argument("--what", choices=["faults", "variants", "both"], default="both")
    parser.add_argument("--width", choices=["32", "64"], default="64")
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def main() -> int:
    asked = options()
    began = time.monotonic()
    faults = [fault for fault in load("faults", asked.only) if not (fault.platform == "64-bit" and asked.width == "32")][::asked.every]
    variants = load("variants", asked.only) if asked.what != "faults" else []
    faults = faults if asked.what != "variants" else []
    run(faults + variants, asked)
    print_matrix(faults + variants, asked.seeds[0])
    convicted = [fault for fault in faults if fault.verdicts and all(fault.convicted_at(seed) for seed in fault.verdicts)]
    acquitted = [one for one in variants if one.verdicts and all(verdict == "conforms" for verdict in one.verdicts.values())]
    whole = asked.only == "*" and asked.every == 1 and asked.what == "both"
    thin = clauses_broken_twice(faults, asked.assay) if whole else []
    print(f"\nconvicted {len(convicted)} of {len(faults)}, acquitted {len(acquitted)} of {len(variants)}, seeds {asked.seeds}, "
          f"{time.monotonic() - began:.0f} s in all")
    if convicted:
        print(f"median operations to conviction {statistics.median(fault.operations for fault in convicted):.0f}, "
              f"median length of the shortest trace {statistics.median(fault.trace_lines for fault in convicted):.0f} calls")
    for clause in thin:
        print(f"broken by fewer than two faults: {clause}")
    if asked.json:
        asked.json.write_text(json.dumps([dataclasses.asdict(one) for one in faults + variants], indent=1, default=str))
    return 0 if len(convicted) == len(faults) and len(acquitted) == len(variants) and not thin else 1


if __name__ == "__main__":
    sys.exit(main())
