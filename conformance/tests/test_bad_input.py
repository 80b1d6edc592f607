"""Bad input: one line on standard error that names the thing, status 2, and nothing else happens."""

import subprocess

import pytest
from conftest import fixture_path

BINDING = """[binding]
about = test
[allocate]
call = {call}
[deallocate]
call = free(ptr)
[reallocate]
call = realloc(ptr, size)
"""


def refused(result, *words):
    assert result.status == 2, (result.status, result.out, result.err)
    lines = result.err.strip().splitlines()
    assert len(lines) == 1, result.err
    for word in words:
        assert word in lines[0], lines[0]


def test_missing_file(assay):
    refused(assay("run", "no-such-file.so"), "no-such-file.so")


def test_directory(assay, tmp_path):
    refused(assay("run", tmp_path), str(tmp_path))


def test_text_file(assay, tmp_path):
    (tmp_path / "a.txt").write_text("hello\n")
    refused(assay("run", "a.txt"), "a.txt")


def test_truncated_library(assay, tmp_path, reference):
    (tmp_path / "cut.so").write_bytes(reference.read_bytes()[:3000])
    refused(assay("run", "cut.so"), "cut.so")


def test_other_architecture(assay, tmp_path, reference):
    image = bytearray(reference.read_bytes())
    image[18] = 0xB7 if image[18] != 0xB7 else 0x3E  # e_machine
    (tmp_path / "other.so").write_bytes(image)
    refused(assay("run", "other.so"), "other.so")


def test_leaves_in_its_constructor(assay):
    refused(assay("run", fixture_path("hostile_constructor")), "hostile_constructor.so")


def test_library_that_it_needs_is_missing(assay, tmp_path):
    """That no binding fits is true of it, and not what is wrong."""
    (tmp_path / "none.c").write_text("int nothing;\n")
    for name, needs in (("libgone.so", []), ("needy.so", ["-Wl,--no-as-needed", "./libgone.so"])):
        subprocess.run(["cc", "-shared", "-fPIC", "-o", name, "none.c", *needs], cwd=tmp_path, check=True)
    refused(assay("run", "needy.so"), "no shipped binding fits")
    (tmp_path / "libgone.so").unlink()
    (tmp_path / "a.trace").write_text("assay trace 1\nb1 = allocate(size 1, align 1)\n")
    for verb in (["run"], ["replay", "a.trace"]):
        refused(assay(*verb, "needy.so"), "needy.so: cannot be loaded: ", "libgone.so: cannot open shared object file")


def test_no_binding_fits(assay, tmp_path):
    (tmp_path / "none.c").write_text("int nothing;\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", "none.so", "none.c"], cwd=tmp_path, check=True)
    refused(assay("run", "none.so"), "none.so", "probe")


@pytest.mark.parametrize(
    "text, words",
    [
        (BINDING.format(call="malloc(size)").replace("[deallocate]", "[dealocate]"), ["bad.binding:", "dealocate"]),
        (BINDING.format(call="malloc(size) if 1 > 2"), ["bad.binding:4"]),
        (BINDING.format(call="malloc(size"), ["bad.binding:4"]),
        (BINDING.format(call="no_such_function_anywhere(size)"), ["no_such_function_anywhere"]),
    ],
)
def test_binding_with_an_error(assay, tmp_path, reference, text, words):
    (tmp_path / "bad.binding").write_text(text)
    refused(assay("run", reference, "--binding", "./bad.binding"), *words)


def test_unknown_binding(assay, reference):
    missing = assay("run", reference, "--binding", "nonesuch")
    refused(missing, "nonesuch")
    assert "did you mean" not in missing.err
    refused(assay("run", reference, "--binding", "jemallc"), "jemallc", '; did you mean "jemalloc"? `assay probe')


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--frobnicate"], ["--frobnicate"]),
        (["--clause", "alignmnet/*"], ["alignmnet/*"]),
        (["--scenario", "explore/chrun"], ["explore/chrun"]),
        (["--seed", "x"], ["--seed", "x"]),
        (["--effort", "heroic"], ["heroic", "quick"]),
        (["--level", "may"], ["may"]),
        (["--jobs", "0"], ["--jobs"]),
    ],
)
def test_unknown_options_and_values(assay, reference, arguments, words):
    refused(assay("run", reference, *arguments), *words)


def test_unknown_clause_and_verb(assay):
    refused(assay("explain", "alignment/alocate"), "alignment/alocate", "alignment/allocate")
    refused(assay("explain", "no/such"), "no/such", "did you mean '")
    refused(assay("explain", "threads"), "'threads'", "did you mean 'threads/")
    refused(assay("rn"), "'rn'", "did you mean 'run'")
    refused(assay("jugde"), "jugde", "`assay --help`")


@pytest.mark.parametrize("option", ["--json", "--junit"])
def test_report_that_cannot_be_written_is_refused_before_judging(assay, tmp_path, reference, option):
    old = tmp_path / "kept"
    old.mkdir()
    for place in (old, tmp_path / "nowhere" / "verdict"):
        result = assay("run", reference, option, place)
        refused(result, str(place), "cannot be written")
        assert result.out == ""
    assert list(tmp_path.iterdir()) == [old]


def test_report_that_was_there_stays_when_nothing_is_judged(assay, tmp_path):
    (tmp_path / "v.json").write_text("old")
    refused(assay("run", "no-such-file.so", "--binding", "nonesuch"), "no-such-file.so")
    refused(assay("run", fixture_path("page_example"), "--json", "v.json", "--junit", "nowhere/v.xml"), "nowhere/v.xml")
    assert (tmp_path / "v.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["v.json"]


@pytest.mark.parametrize(
    "directory, why",
    [("nowhere/results", "No such file"), ("file", "Not a directory"), ("file/results", "Not a directory")],
)
def test_results_that_cannot_be_written_are_told_before_anything_is_judged(assay, tmp_path, directory, why):
    (tmp_path / "file").write_text("old")
    refused(
        assay("run", fixture_path("page_example"), "--results", directory), f"{directory}: cannot be written: {why}"
    )
    assert (tmp_path / "file").read_text() == "old" and [path.name for path in tmp_path.iterdir()] == ["file"]


def test_waivers(assay, tmp_path):
    page = fixture_path("page_example")
    (tmp_path / "w").write_text("[alignment/*]\nreason = known\n")
    assert assay("run", page, "--effort", "quick", "--waivers", "w").status == 0
    (tmp_path / "w").write_text("[alignment/*]\nreason = known\n[zeroing/*]\nreason = not so\n")
    stale = assay("run", page, "--effort", "quick", "--waivers", "w")
    assert stale.status == 1 and "stale waiver [zeroing/*]" in stale.err
    (tmp_path / "w").write_text("[alignment/*]\nraeson = known\n")
    refused(assay("run", page, "--waivers", "w"), "w:2", "raeson")
    (tmp_path / "w").write_text("[alignment/*]\n\nissue = 1\n")
    refused(assay("run", page, "--waivers", "w"), "no reason")
