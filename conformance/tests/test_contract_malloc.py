"""C's own contract: who keeps it conforms with everything exercised, who breaks it is told by which clause."""

import subprocess

import pytest
from conftest import BUILD, ROOT, Assay, fixture_path

REFERENCE = BUILD / "libreference_malloc.so"
# Each by a sentence of family_breaches.c.
BREACHES = {
    "c/errno-on-failure",
    "c/product",
    "c/posix-memalign-code",
    "c/posix-memalign-out",
    "c/usable-size-null",
    "reallocate/contents",
    "c/free-keeps-errno",
    "c/sized-free",
    "c/alignment",
    "c/process-life",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def breaches(tmp_path_factory, results):
    """The report on the library with many breaches, judged once."""
    assay = Assay(tmp_path_factory.mktemp("breaches"))
    return assay.judge(
        fixture_path("family_breaches"), "--binding", "malloc", "--effort", "quick", "--results", results
    )


def test_the_reference_conforms_with_everything_exercised(assay):
    result = assay.judge(REFERENCE, "--effort", "quick")
    assert (result.status, result.report["contract"]) == (0, "malloc"), result.out
    assert result.report["missing_functions"] == []
    required = [c for c in result.report["clauses"] if c["required"]]
    assert len(required) >= 35 and {c["verdict"] for c in required} == {"holds"}
    assert sum(c["id"].startswith("c/") for c in required) >= 15


def test_each_breach_is_named_by_its_clause(breaches):
    assert breaches.status == 1, breaches.out
    assert BREACHES <= breaches.violated(), BREACHES - breaches.violated()
    assert {"zeroing/allocate-zeroed", "c/zero-size", "c/realloc-null", "c/free-null"} & breaches.violated() == set()


def test_the_breaches_are_no_breaches_of_the_other_contract(assay):
    result = assay.judge(
        fixture_path("family_breaches"), "--binding", "malloc", "--contract", "rust-1.19", "--scenario", "explore/*"
    )
    assert result.report["contract"] == "rust-1.19" and result.broken_musts() == set(), result.out


def test_what_is_absent_is_not_applicable_and_listed(assay):
    result = assay.judge(fixture_path("family_few"), "--effort", "quick")
    assert result.status == 0, result.out
    absent = {
        "reallocarray",
        "aligned_alloc",
        "memalign",
        "valloc",
        "pvalloc",
        "free_sized",
        "free_aligned_sized",
        "reallocarr",
    }
    assert set(result.report["missing_functions"]) == absent
    about_them = {"c/sized-free", "c/errno-of-old-functions", "c/reallocarr-code", "c/aligned-alloc-multiple"}
    assert {id for id, verdict in result.verdicts().items() if verdict == "not-applicable"} == about_them


def test_a_prefix_is_one_line_of_a_binding(assay, tmp_path):
    binding = tmp_path / "pre.binding"
    plain = (ROOT / "conformance/bindings/malloc.binding").read_text()
    binding.write_text(plain.replace("load = preload\n", "prefix = pre_\n"))
    result = assay.judge(fixture_path("family_prefixed"), "--binding", binding, "--effort", "quick")
    assert (result.status, result.report["contract"]) == (0, "malloc"), result.out
    assert result.verdicts()["c/product"] == "holds"
    assert result.verdicts()["c/interposition"] == "not-applicable", "libc's own functions do not call these"


def test_an_unknown_contract_is_said_in_one_line(assay):
    result = assay("run", REFERENCE, "--contract", "nosuch")
    assert result.status == 2
    assert len(result.err.splitlines()) == 1 and "nosuch" in result.err


def test_a_binding_that_does_not_serve_the_contract(assay, reference):
    result = assay("run", reference, "--binding", "rust-1.19", "--contract", "malloc")
    assert result.status == 2
    assert len(result.err.splitlines()) == 1 and "malloc" in result.err and "rust-1.19" in result.err


@pytest.mark.parametrize(
    "clause",
    [
        "c/product",
        "c/posix-memalign-code",
        "c/posix-memalign-out",
        "c/free-keeps-errno",
        "c/sized-free",
        "c/usable-size-null",
        "c/alignment",
        "reallocate/contents",
    ],
)
def test_a_finding_is_a_program_too(tmp_path, results, breaches, clause):
    assert clause in breaches.violated()
    (program,) = results.rglob(clause.replace("/", "-") + ".c")
    built = subprocess.run(
        ["cc", "-Wall", "-Wextra", "-Werror", "-o", tmp_path / "repro", program, "-ldl", "-pthread"],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    for library, status in ((fixture_path("family_breaches"), 1), (REFERENCE, 0)):
        done = subprocess.run([tmp_path / "repro", library], capture_output=True, text=True, timeout=60)
        assert done.returncode == status, (clause, library, done.stdout)
