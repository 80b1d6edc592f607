"""bench_linkage.py ASSAY [SAMPLE]: measures how many ELF files per second the linkage rule judges, beside other
readers.

ASSAY judges all of /usr/bin and /usr/lib for the malloc family. The other readers are too slow for so many files. So an
evenly drawn sample of the linked files is then passed, in one call each, to ASSAY, to lddtree (which reports less: no
symbols) and to the script beside this one. All files are read once before, so that no disk is measured. ASSAY's times
are the median of five.
"""

import importlib.util
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
from typing import Any

TREES = ["/usr/bin", "/usr/lib"]
CLOSURE = pathlib.Path(__file__).with_name("closure_pyelftools.py")
LINKED = ("executable (dynamic)", "executable (PIE)", "shared library")


def missing() -> list[str]:
    lacks = [] if shutil.which("lddtree") else ["pax-utils"]
    return lacks + ([] if importlib.util.find_spec("elftools") else ["python3-pyelftools"])


def seconds(command: list[Any]) -> float:
    begin = time.monotonic()
    subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begin


def median(command: list[Any]) -> float:
    return statistics.median(seconds(command) for _ in range(5))


def judged(assay: list[Any]) -> list[dict[str, Any]]:
    done = subprocess.run([*map(str, assay), "--json", "-", *TREES], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(done.stdout)


def row(name: str, files: int, took: float, about: str = "") -> None:
    print(f"  {name:<22} {files / took:>9.1f} files/s   {files} files in {took:.2f} s{about}")


def main() -> int:
    if missing():
        print(f"bench-linkage: readers are missing; Debian: apt-get install {' '.join(missing())}", file=sys.stderr)
        return 2
    assay = [sys.argv[1], "linkage", "--family", "malloc"]
    reports = judged(assay)
    linked = [report["artifact"] for report in reports if report["shape"] in LINKED]
    size = min(int(sys.argv[2]) if len(sys.argv) > 2 else 200, len(linked))
    sample = [linked[i * len(linked) // size] for i in range(size)]
    others = {"lddtree": [sys.executable, shutil.which("lddtree"), *sample],
              "pyelftools closure": [sys.executable, CLOSURE, *sample]}

    print(f"{' and '.join(TREES)}: ELF files and archives, other files passed over; {os.cpu_count()} cores")
    for jobs in (1, os.cpu_count()):
        row(f"assay --jobs {jobs}", len(reports), median([*assay, "--jobs", jobs, *TREES]))
    print(f"a sample of {size} of the {len(linked)} programs and libraries with a dynamic section")
    mine = median([*assay, "--jobs", 1, *sample])
    row("assay --jobs 1", size, mine)
    took = {name: seconds(command) for name, command in others.items()}
    for name in others:
        row(name, size, took[name])
    fastest = min(took, key=lambda name: took[name])
    print(f"assay takes 1/{took[fastest] / mine:.0f} of the time of {fastest}, the faster one")
    return 0


sys.exit(main())
