"""The command line: help for each verb, and lists of what was asked for."""

import json

import pytest

VERBS = ("run", "probe", "list", "explain", "replay", "linkage", "compare")


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_is_the_same_however_it_is_asked_for(assay, verb):
    done, other = assay("help", verb), assay(verb, "--help")
    assert (done.status, done.err) == (0, "") and done.out == other.out
    assert done.out.startswith(f"usage: assay {verb} ")


@pytest.mark.parametrize("arguments", [("--help",), *((verb, "--help") for verb in VERBS)], ids="-".join)
def test_help_fits_a_terminal(assay, arguments):
    lines = assay(*arguments).out.splitlines()
    assert len(lines) > 4 and [line for line in lines if len(line) > 80] == []


def test_help_names_every_verb(assay):
    assert all(f"  {verb} " in assay("help").out for verb in VERBS)


def test_help_of_an_unknown_verb_suggests_one(assay):
    done = assay("help", "rn")
    assert (done.status, done.out) == (2, "")
    assert "did you mean 'run'?" in done.err


def test_a_list_of_what_matches(assay):
    found = json.loads(assay("list", "zeroing/*", "usable-size/sweep", "--json").out)
    whole = json.loads(assay("list", "--json").out)
    for kind, key in (("clauses", "id"), ("scenarios", "name")):
        names = [row[key] for row in found[kind]]
        assert names == [row[key] for row in whole[kind]
                         if row[key].startswith("zeroing/") or row[key] == "usable-size/sweep"]
    text = assay("list", "zeroing/*", "usable-size/sweep").out
    rows = [line.split()[0] for line in text.splitlines() if "/" in line.split(" ")[0]]
    assert rows == [row["id"] for row in found["clauses"]] + [row["name"] for row in found["scenarios"]]


def test_a_list_without_clauses_has_no_empty_table(assay):
    text = assay("list", "usable-size/sweep").out
    assert text.startswith("SCENARIO ") and "CLAUSE" not in text


@pytest.mark.parametrize("arguments, words", [
    (("zeroing/*", "alignmnt/allocate"),
     ("'alignmnt/allocate' matches no clause", "did you mean 'alignment/allocate'?")),
    (("--nosuch",), ("'--nosuch'", "`assay list --help`")),
])
def test_a_list_of_nothing_is_an_error(assay, arguments, words):
    done = assay("list", *arguments)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert all(word in done.err for word in words), done.err
