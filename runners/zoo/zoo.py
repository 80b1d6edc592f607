#!/usr/bin/env python3
"""Judges the allocators that Debian packages, each through every binding that fits, and prints one table.

    zoo.py --assay build/assay                       on this machine; as root, installs those that are missing
    zoo.py --assay "runners/on armhf assay" --root build/sysroot/armhf --multiarch arm-linux-gnueabihf --platform armhf

Each verdict is kept as assay wrote it, in --keep DIR/PLATFORM/NAME--BINDING.json. With --expect DIR, the verdicts are
compared with those of an earlier run. Each difference is one line, and the exit status is then 1. With --publish DIR,
the new verdicts replace the old ones. The exit status is also 1 when assay gave no verdict on an allocator, and 2 when
nothing could be judged.
"""

import argparse
import concurrent.futures
import fnmatch
import glob
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
from typing import NamedTuple

TABLE = pathlib.Path(__file__).with_name("zoo.tsv")
NOT_JUDGED = "not judged"


class Animal(NamedTuple):
    name: str
    package: str
    place: str


class Verdict(NamedTuple):
    name: str
    binding: str
    verdict: str
    violated: tuple[str, ...]
    seconds: float


def read_table() -> list[Animal]:
    rows = (line.rstrip("\n").split("\t") for line in TABLE.read_text().splitlines() if line
            and not line.startswith("#"))
    return [Animal(*row) for row in rows]


def find(animal: Animal, root: pathlib.Path, multiarch: str) -> pathlib.Path | None:
    found = sorted(glob.glob(str(root / animal.place.replace("{multiarch}", multiarch))))
    found = [path for path in found if "scudo" not in path or multiarch.split("-")[0] in path]
    return pathlib.Path(found[0]) if found else None


def install(packages: list[str]) -> None:
    """Installs the packages that can be installed. The others are listed as absent."""
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"zoo: installing {' '.join(packages)}", file=sys.stderr)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "-qq", "update"], env=environment, stdout=subprocess.DEVNULL, check=False)
        for package in packages:
            subprocess.run(["apt-get", "-qq", "-y", "install", package], env=environment, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)


def fitting_bindings(assay: list[str], library: pathlib.Path) -> list[str]:
    probe = subprocess.run([*assay, "probe", str(library)], capture_output=True, text=True, check=False)
    rows = (line.split(maxsplit=2) for line in probe.stdout.splitlines())
    return [row[0] for row in rows if len(row) > 1 and row[1].startswith("fits")]


def judge(assay: list[str], animal: Animal, library: pathlib.Path, binding: str, keep: pathlib.Path,
          more: list[str]) -> Verdict:
    kept = keep / f"{animal.name}--{binding}.json"
    kept.unlink(missing_ok=True)
    done = subprocess.run([*assay, "run", str(library), "--binding", binding, "--jobs", "1", "--json", str(kept),
                           *more],
                          capture_output=True, text=True, errors="replace", check=False)
    if not kept.exists():
        return Verdict(animal.name, binding, f"{NOT_JUDGED}: {done.stderr.strip()[-100:]}", (), 0.0)
    report = json.loads(kept.read_text())
    violated = tuple(clause["id"] if clause["level"] == "must" else f"[{clause['id']}]"
                     for clause in report["clauses"] if clause["verdict"] == "violated")
    return Verdict(animal.name, binding, report["verdict"], violated, report["duration_s"])


def describe(report_path: pathlib.Path) -> tuple[str, tuple[str, ...]]:
    report = json.loads(report_path.read_text())
    return report["verdict"], tuple(c["id"] for c in report["clauses"] if c["verdict"] == "violated"
                                    and c["level"] == "must")


def change(old: pathlib.Path, new: pathlib.Path) -> str:
    """Describes the change in words. It is empty when the verdict and the broken must clauses are the same."""
    (was, before), (now, after) = describe(old), describe(new)
    broken, mended = [id for id in after if id not in before], [id for id in before if id not in after]
    words = [f"{now}, was {was}" if now != was else "", f"now broken: {', '.join(broken)}" if broken else "",
             f"no longer broken: {', '.join(mended)}" if mended else ""]
    return "; ".join(word for word in words if word)


def differences(keep: pathlib.Path, expected: pathlib.Path) -> list[str]:
    """Lists the changes since the published verdicts. A verdict that was not published before is no change."""
    lines = []
    for old in sorted(expected.glob("*--*.json")):
        new = keep / old.name
        if new.exists() and (words := change(old, new)):
            lines.append(f"{old.stem}: {words}")
    return lines


def publish(verdicts: list[Verdict], keep: pathlib.Path, where: pathlib.Path) -> None:
    where.mkdir(parents=True, exist_ok=True)
    for verdict in verdicts:
        kept = keep / f"{verdict.name}--{verdict.binding}.json"
        if kept.exists():
            shutil.copy(kept, where)


def print_table(verdicts: list[Verdict], absent: list[str]) -> None:
    print(f"{'allocator':<15} {'binding':<20} {'verdict':<12} {'seconds':>7}  violated (should clauses in brackets)")
    for verdict in verdicts:
        print(f"{verdict.name:<15} {verdict.binding:<20} {verdict.verdict:<12} {verdict.seconds:7.1f}  "
              f"{', '.join(verdict.violated)}")
    for name in absent:
        print(f"{name:<15} is not on this system: not judged")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default="build/assay", help="the command that runs assay")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("/"), help="root of the system or sysroot")
    parser.add_argument("--multiarch", default="", help="Debian's name of the platform's library directory")
    parser.add_argument("--platform", default="native", help="the name of the directories of verdicts")
    parser.add_argument("--also", type=pathlib.Path, action="append", default=[],
                        help="another library to judge; repeatable")
    parser.add_argument("--only", default="*", help="judge only the allocators whose names match this glob")
    parser.add_argument("--keep", type=pathlib.Path, required=True, help="the directory for the verdicts")
    parser.add_argument("--expect", type=pathlib.Path, help="the verdicts of an earlier run to compare with")
    parser.add_argument("--publish", type=pathlib.Path,
                        help="also copy the verdicts to this directory; a change is then no failure")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many to judge at once")
    parser.add_argument("more", nargs="*", help="further arguments of `assay run`, after --")
    return parser.parse_args()


def own_name(library: pathlib.Path) -> str:
    return library.name.split(".")[0].removeprefix("lib")


def own_multiarch() -> str:
    return os.uname().machine + "-linux-gnu"


def main() -> int:
    asked = options()
    assay, multiarch = shlex.split(asked.assay), asked.multiarch or own_multiarch()
    table = [animal for animal in read_table() if fnmatch.fnmatch(animal.name, asked.only)]
    if asked.root == pathlib.Path("/"):
        install([animal.package for animal in table if find(animal, asked.root, multiarch) is None])
    places = {animal: find(animal, asked.root, multiarch) for animal in table}
    places |= {Animal(own_name(path), "", ""): path for path in asked.also
               if fnmatch.fnmatch(own_name(path), asked.only)}
    keep = asked.keep / asked.platform
    keep.mkdir(parents=True, exist_ok=True)
    pairs = [(animal, place, binding) for animal,
             place in places.items() if place for binding in fitting_bindings(assay, place)]
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        verdicts = list(pool.map(lambda pair: judge(assay, *pair, keep, asked.more), pairs))
    print_table(verdicts, [animal.name for animal, place in places.items() if place is None])
    changed = differences(keep, asked.expect / asked.platform) if asked.expect else []
    for line in changed:
        print(f"changed: {line}")
    if asked.publish:
        publish(verdicts, keep, asked.publish / asked.platform)
    unjudged = any(verdict.verdict.startswith(NOT_JUDGED) for verdict in verdicts)
    return 2 if not verdicts else 1 if unjudged or (changed and not asked.publish) else 0


if __name__ == "__main__":
    sys.exit(main())
