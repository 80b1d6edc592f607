"""Bindings of every kind over one strict library: an operation that a binding leaves out is not called or judged, and
the others still are.

The library (fixtures/strict_matrix.c) ends the process at any call beyond what the binding declares. The full product
of the choices below is 1920 bindings, which is too many to run. The 30 that are run hold every pair of choices, and
every single choice changed in a binding that has everything.
"""

import itertools
import math
import mmap
import re
from typing import NamedTuple

import pytest
from conftest import ROOT, fixture_path


class Choice(NamedTuple):
    zeroed: str
    in_place: str
    usable: str
    old_size: str
    most: str # largest alignment
    hooks: str
    load: str


OPTIONS = Choice(
    zeroed=("zeroed", "no-zeroed"),
    in_place=("in-place", "no-in-place"),
    usable=("usable-call", "usable-value", "usable-block", "no-usable"),
    old_size=("range", "exact", "ignored"),
    most=("any-align", "16", "64", "4096", "2097152"),
    hooks=("hooks", "init", "thread-hooks", "no-hooks"),
    load=("dlopen", "preload"),
)
EVERYTHING = Choice(*(values[0] for values in OPTIONS))
NOTHING = Choice("no-zeroed", "no-in-place", "no-usable", "exact", "16", "no-hooks", "dlopen")


def pairs(choice: Choice) -> set:
    return set(itertools.combinations(enumerate(choice), 2))


def covering() -> list[Choice]:
    """Few choices that hold every pair: the next one is always the one that holds most of the pairs still wanted."""
    single = [EVERYTHING._replace(**{field: value}) for field, values in OPTIONS._asdict().items() for value in values]
    chosen = list(dict.fromkeys([EVERYTHING, NOTHING, *single]))
    product = [Choice(*values) for values in itertools.product(*OPTIONS)]
    wanted = set().union(*map(pairs, product)).difference(*map(pairs, chosen))
    while wanted:
        best = max(product, key=lambda choice: len(wanted & pairs(choice)))
        chosen.append(best)
        wanted -= pairs(best)
    return chosen


MATRIX = covering()
FULL = math.prod(map(len, OPTIONS))
TINY = [NOTHING._replace(most=most) for most in ("1", "4")] # less than what scenarios ask for by habit

# ---- the binding ----

HAS_CLASSES, IS_EXACT, IS_IGNORED, HAS_INIT, HAS_THREADS = 1, 2, 4, 8, 16 # fixtures/strict_matrix.c


def declared(choice: Choice) -> str:
    bits = HAS_CLASSES if choice.usable in ("usable-call", "usable-value") else 0
    bits |= {"range": 0, "exact": IS_EXACT, "ignored": IS_IGNORED}[choice.old_size]
    bits |= HAS_INIT if choice.hooks in ("hooks", "init") else 0
    bits |= HAS_THREADS if choice.hooks in ("hooks", "thread-hooks") else 0
    most = "sizeof_pointer * 8 - 1" if choice.most == "any-align" else str(int(choice.most).bit_length() - 1)
    return f"{bits} | ({most}) << 8"


def in_place(choice: Choice) -> str:
    if choice.old_size == "ignored":
        return "call = matrix_expand(ptr, size, align, DECLARED) ? usable_size(size) : usable_size(old_size)"
    return "call = matrix_reallocate_inplace(ptr, old_size, size, align, DECLARED)"


USABLE = {
    "usable-call": "call = matrix_usable_size(size, align, DECLARED)",
    "usable-value": "value = choose(size > 1 << sizeof_pointer * 8 - 2, size, 2 << lg(max(size, 17) - 1))",
    "usable-block": "block = matrix_block_usable_size(ptr, DECLARED)",
}


def binding(choice: Choice) -> str:
    old_size = "0" if choice.old_size == "ignored" else "old_size"
    lines = ["[functions]"]
    if choice.usable == "usable-block":
        lines += ["matrix_block_usable_size = size (pointer, size)"]
    if choice.in_place == "in-place" and choice.old_size == "ignored":
        lines += ["matrix_expand = bool (pointer, size, size, size)"]
    lines += ["[binding]", f"load = {choice.load}", f"old_size = {choice.old_size}"]
    lines += [] if choice.most == "any-align" else [f"max_align = {choice.most}"]
    lines += ["init = matrix_init()"] if choice.hooks in ("hooks", "init") else []
    if choice.hooks in ("hooks", "thread-hooks"):
        lines += ["thread_init = matrix_thread_init()", "thread_exit = matrix_thread_exit()"]
    lines += ["[constants]", f"DECLARED = {declared(choice)}"]
    lines += ["[allocate]", "call = matrix_allocate(size, align, DECLARED)"]
    lines += ["[deallocate]", f"call = matrix_deallocate(ptr, {old_size}, align, DECLARED)"]
    lines += ["[reallocate]", f"call = matrix_reallocate(ptr, {old_size}, size, align, DECLARED)"]
    if choice.zeroed == "zeroed":
        lines += ["[allocate_zeroed]", "call = matrix_allocate_zeroed(size, align, DECLARED)"]
    lines += ["[usable_size]", USABLE[choice.usable]] if choice.usable in USABLE else []
    lines += ["[reallocate_inplace]", in_place(choice)] if choice.in_place == "in-place" else []
    return "\n".join(lines) + "\n"


# ---- what it leaves out ----

IN_PLACE = {"in-place/answer", "in-place/grown-capacity", "in-place/shrunk", "in-place/contents",
            "in-place/refusal-intact", "in-place/no-op"}
RANGE = {"reallocate/old-size-range", "reallocate/slack-contents", "deallocate/old-size-range"}
OF_SIZE = {"usable-size/pure", "usable-size/fixed-point", "usable-size/monotone"}
CONTRACT_SYMBOLS = {"abi/complete", "linkage/at-most-one", "linkage/exactly-one", "linkage/rlib", "linkage/complete",
                    "linkage/single-definition", "linkage/no-circular"}


def left_out(choice: Choice) -> set[str]:
    clauses = set(CONTRACT_SYMBOLS)
    if choice.load == "dlopen" or choice.hooks in ("hooks", "init"):
        clauses |= {"early/calls"}
    if choice.zeroed == "no-zeroed":
        clauses |= {"alignment/allocate-zeroed", "zeroing/allocate-zeroed", "zeroing/slack"}
    if choice.in_place == "no-in-place":
        clauses |= IN_PLACE
    if choice.usable in ("usable-block", "no-usable"):
        clauses |= OF_SIZE | RANGE
    if choice.usable == "usable-value":  # the binding works it out, and the library is not asked
        clauses |= OF_SIZE | {"usable-size/at-least-size"}
    if choice.usable == "no-usable":
        clauses |= {"usable-size/at-least-size", "usable-size/slack-owned", "zeroing/slack"}
    if choice.old_size != "range":
        clauses |= RANGE
    if choice.most == "1":
        clauses |= {"alignment/allocate", "alignment/allocate-zeroed", "alignment/reallocate"}
    if choice.most != "any-align" and int(choice.most) <= mmap.PAGESIZE:
        clauses |= {"alignment/above-page"}
    return clauses


def never_happens(choice: Choice) -> set[str]:
    """The library grows no block in place beyond its class; within one, nobody could tell, and so it is not asked."""
    has_classes = choice.usable in ("usable-call", "usable-value")
    return {"in-place/grown-capacity"} if has_classes and choice.old_size != "range" else set()


def operations_left_out(choice: Choice) -> list[str]:
    return [name for name, is_out in (("allocate_zeroed", choice.zeroed == "no-zeroed"),
                                      ("reallocate_inplace", choice.in_place == "no-in-place"),
                                      ("usable_size", choice.usable in ("usable-block", "no-usable"))) if is_out]


def check_nothing_left_out_was_asked(choice: Choice, result) -> None:
    rows = {clause["id"]: clause for clause in result.report["clauses"]}
    for id in left_out(choice):
        assert (rows[id]["verdict"], rows[id]["exercised"]) == ("not-applicable", 0), rows[id]
        assert rows[id]["note"], rows[id]
    for name in operations_left_out(choice):
        assert f"{name}(" not in result.out
    if choice.most != "any-align":
        assert all(int(align) <= int(choice.most) for align in re.findall(r"align (\d+)", result.out))


# ---- the tests ----

@pytest.fixture
def judged(assay, tmp_path):
    def judge(library, choice: Choice, *arguments):
        path = tmp_path / "matrix.binding"
        path.write_text(binding(choice))
        return assay.judge(fixture_path(library), "--binding", path, "--effort", "quick", "--jobs", "1", *arguments)
    return judge


def test_the_matrix_holds_every_pair(capsys):
    held = set().union(*map(pairs, MATRIX))
    for (one, first), (other, second) in itertools.combinations(enumerate(OPTIONS), 2):
        assert {((one, a), (other, b)) for a in first for b in second} <= held
    with capsys.disabled():
        print(f"\nmatrix: {len(MATRIX)} bindings of {FULL} that there are, every pair of choices among them\n")


@pytest.mark.parametrize("choice", [*MATRIX, *TINY], ids="+".join)
def test_a_correct_library_conforms_through_it(judged, choice):
    result = judged("strict_matrix", choice, "--verbose")
    assert (result.status, result.violated()) == (0, set()), result.out + result.err
    check_nothing_left_out_was_asked(choice, result)
    excused = left_out(choice) | never_happens(choice) | {"abi/registers"}
    for clause in result.report["clauses"]:
        if clause["level"] == "must" and clause["id"] not in excused:
            assert clause["verdict"] == "holds" and clause["exercised"] > 0, clause


@pytest.mark.parametrize("choice", MATRIX, ids="+".join)
def test_a_faulty_library_is_convicted_through_it(judged, choice):
    result = judged("strict_matrix_faulty", choice, "--clause", "block/*", "--fail-fast", "--shrink", "0")
    assert result.status == 1, result.out + result.err
    assert "block/disjoint" in result.violated(), result.out
    for name in operations_left_out(choice):
        assert f"{name}(" not in result.out


def test_a_usable_size_that_the_binding_works_out_counts_for_nothing(assay, judged):
    """The library was not asked, so it did not keep these clauses, and a wrong formula is not its fault either."""
    note = "the binding works usable_size out; the library is not asked"
    shipped = assay.judge(fixture_path("early_arena"), "--binding", "alloc_system-1.19", "--clause", "usable-size/*",
                          "--effort", "quick")
    own = judged("strict_matrix", EVERYTHING._replace(usable="usable-value"), "--clause", "usable-size/*")
    for result in (shipped, own):
        rows = {clause["id"]: clause for clause in result.report["clauses"]}
        for id in OF_SIZE | {"usable-size/at-least-size"}:
            assert (rows[id]["verdict"], rows[id]["exercised"], rows[id]["note"]) == ("not-applicable", 0, note)
    assert own.verdicts()["usable-size/slack-owned"] == "holds"  # the library must let the owner have these bytes
    assert shipped.verdicts()["usable-size/slack-owned"] == "not-applicable"  # there are none


def test_a_wrong_formula_of_the_binding_accuses_nobody(assay, tmp_path):
    path = tmp_path / "wrong.binding"
    path.write_text(binding(NOTHING) + "[usable_size]\nvalue = size - min(size, 1)\n")
    result = assay.judge(fixture_path("strict_matrix"), "--binding", path, "--clause", "usable-size/*",
                         "--effort", "quick")
    assert result.violated() == set(), result.out


def test_the_smallest_binding_of_the_readme_fits_a_correct_library(assay, tmp_path):
    text = (ROOT / "conformance/bindings/README.md").read_text()
    path = tmp_path / "foo.binding"
    path.write_text(re.search(r"```ini\n(# foo\.binding\n.*?)```", text, re.DOTALL).group(1))
    result = assay.judge(fixture_path("readme_minimal"), "--binding", path, "--effort", "quick", "--verbose")
    assert (result.status, result.violated()) == (0, set()), result.out + result.err
    check_nothing_left_out_was_asked(NOTHING._replace(most="any-align"), result)
    assert result.verdicts()["alignment/above-page"] == "holds"
