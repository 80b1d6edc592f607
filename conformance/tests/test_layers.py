"""Includes point one way: a room includes only rooms that stand before it in these lists, and no two files of judging/
include each other."""

import graphlib
import re

from conftest import ROOT

HARNESS = ["harness/" + room for room in "base candidate sandbox refusal oracle trace linkage report".split()]
# "conformance" is its files contract.[ch] and sources.[ch]. The clauses register themselves: nothing includes them.
CONFORMANCE = ["conformance", *("conformance/" + room for room in "contracts scenario clauses judging cli".split())]
ORDER = HARNESS + CONFORMANCE
BESIDE = {"conformance/clauses", "conformance/contracts"}  # rooms that no other room includes
APART = {"reference_alloc", "conformance/fixtures"}  # what is judged knows nothing of who judges,
FORGER = ("conformance/fixtures/flight_scribbler.h", "harness/sandbox/flight.h")  # but for those that forge its record

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)


def room_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if "/".join(parts[:2]) in {*ORDER, *APART} else parts[0]


def is_allowed(file, included):
    here, there = room_of(file), room_of(included)
    if here in APART or there in APART:
        return here == there or (file, included) == FORGER
    # A test of harness/ may use all of harness/, one of conformance/ may use conformance/ too.
    if "tests" in file.split("/"):
        return there.split("/")[0] == "harness" or here.split("/")[0] == "conformance"
    if here == there == "conformance/clauses":  # a group is a file or a folder, and knows of no other
        return file.rsplit("/", 1)[0] == included.rsplit("/", 1)[0]
    if here == there:
        return True
    return {here, there} <= set(ORDER) and there not in BESIDE and ORDER.index(there) < ORDER.index(here)


def includes():
    """(file, included file) of the whole tree, both from its top."""
    for top in ("harness", "conformance", "reference_alloc"):
        for file in sorted(path for path in (ROOT / top).rglob("*") if path.suffix in {".c", ".h", ".cc", ".S"}):
            for name in INCLUDE.findall(file.read_text(errors="replace")):
                found = ROOT / name if (ROOT / name).exists() else file.parent / name
                if found.exists():  # else it is the system's, or text that a program writes
                    yield file.relative_to(ROOT).as_posix(), found.resolve().relative_to(ROOT.resolve()).as_posix()


def cycle(pairs):
    """The modules (a .c with its .h) that need each other; None where there are none."""
    needs = {}
    for file, included in pairs:
        here, there = file.rsplit(".", 1)[0], included.rsplit(".", 1)[0]
        if here != there:
            needs.setdefault(here, set()).add(there)
    try:
        graphlib.TopologicalSorter(needs).prepare()
    except graphlib.CycleError as error:
        return error.args[1]


def test_includes_point_one_way():
    pairs = list(includes())
    assert len(pairs) > 300
    assert [pair for pair in pairs if not is_allowed(*pair)] == []


def test_every_room_has_its_place():
    """A room that is in no list would be held to nothing."""
    rooms = {f"{top}/{path.name}" for top in ("harness", "conformance") for path in (ROOT / top).iterdir()
             if any(path.glob("**/*.[ch]"))}
    assert rooms - {"conformance/tests"} == {*ORDER, *APART} - {"conformance", "reference_alloc"}


def test_no_files_of_judging_include_each_other():
    pairs = [pair for pair in includes() if all(map(lambda path: path.startswith("conformance/judging/"), pair))]
    assert len(pairs) > 10
    assert cycle(pairs) is None


def test_what_these_tests_find():
    wrong = [
        ("harness/base/a.c", "harness/oracle/b.h"),
        ("harness/sandbox/a.h", "harness/trace/b.h"),
        ("harness/report/a.c", "conformance/contract.h"),
        ("harness/oracle/tests/a.c", "conformance/contract.h"),
        ("conformance/contract.h", "conformance/judging/b.h"),
        ("conformance/scenario/a.c", "conformance/clauses/block/b.h"),
        ("conformance/judging/a.c", "conformance/cli/b.h"),
        ("conformance/judging/a.c", "conformance/clauses/block/b.h"),
        ("conformance/clauses/block/a.c", "conformance/clauses/explore/b.h"),
        ("reference_alloc/a.c", "harness/base/b.h"),
        ("conformance/fixtures/a.c", "harness/base/b.h"),
        ("harness/base/a.c", "reference_alloc/b.h"),
    ]
    right = [
        ("harness/oracle/a.c", "harness/base/b.h"),
        ("harness/oracle/a.c", "harness/oracle/b.h"),
        ("conformance/contract.h", "harness/report/b.h"),
        ("conformance/clauses/block/a.c", "conformance/clauses/block/b.h"),
        ("conformance/clauses/a.c", "conformance/scenario/b.h"),
        ("conformance/cli/a.c", "conformance/judging/b.h"),
        ("harness/trace/tests/a.c", "harness/trace/tests/b.c"),
        ("conformance/tests/a.c", "conformance/judging/b.h"),
    ]
    assert [pair for pair in wrong if is_allowed(*pair)] == []
    assert [pair for pair in right if not is_allowed(*pair)] == []
    assert cycle([("a.c", "b.h"), ("b.c", "a.h")]) and not cycle([("a.c", "a.h"), ("a.c", "b.h"), ("c.c", "b.h")])
