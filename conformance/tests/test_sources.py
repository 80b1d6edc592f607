"""The table of sources: every key that a clause cites has a row, and every row is cited."""

import json
import re
import subprocess

import pytest
from conftest import ROOT

TABLE = ROOT / "conformance/sources.tsv"
MAKE_C = ["awk", "-f", ROOT / "conformance/sources.awk"]
KEY = re.compile(r"\[([A-Za-z0-9.-]+)\]")
BARE_KEY = re.compile(r"(?<![\[\w#./-])(?:[A-Z]\d{1,2}|\d\.\d\.\d)(?![\w\]-])")  # as keys look, without brackets
JUDGING = {"documented", "derived", "required-by-std"}  # the strengths that rest on a text


def rows():
    lines = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    return {line.split("\t")[0]: line.split("\t")[1:] for line in lines[1:]}


def unresolved(clauses, keys):
    return {(clause["id"], key) for clause in clauses for key in KEY.findall(clause["source"]) if key not in keys}


def uncited(clauses, keys):
    return set(keys) - {key for clause in clauses for key in KEY.findall(clause["source"])}


def unfounded(clauses):
    """Clauses that rest on a text and cite none, or cite it outside brackets."""
    return {clause["id"] for clause in clauses if clause["strength"] in JUDGING and not KEY.search(clause["source"])
            or BARE_KEY.search(clause["source"])}


CONTRACTS = ["rust-1.19", "malloc"]


@pytest.fixture
def clauses(assay):
    """Of every contract: one that several contracts have stands here once for each."""
    return [{**clause, "contract": contract} for contract in CONTRACTS
            for clause in json.loads(assay("list", "--contract", contract, "--json").out)["clauses"]]


def test_every_cited_key_has_a_row(clauses):
    assert len(clauses) > 40
    assert unresolved(clauses, rows()) == set()


def test_every_row_is_cited(clauses):
    assert len(rows()) > 40
    assert uncited(clauses, rows()) == set()


def test_every_clause_that_rests_on_a_text_cites_it(clauses):
    assert unfounded(clauses) == set()


def test_rows_stand_alone():
    """`assay explain` prints the rows that a clause cites, and no others: a row that named a key would lead nowhere."""
    table = rows()
    for key, columns in table.items():
        assert not BARE_KEY.search(" ".join(columns)), key
        assert not set(KEY.findall(" ".join(columns))) & set(table), key


def test_what_these_tests_find():
    """They fail on a key without a row, on a row without a clause, and on a clause without a key or with a bare one."""
    def clause(source, strength="derived"):
        return [{"id": "x/y", "strength": strength, "source": source}]
    assert unresolved(clause("a text [A1] and [Z9]"), {"A1": []}) == {("x/y", "Z9")}
    assert uncited(clause("a text [A1]"), {"A1": [], "A2": []}) == {"A2"}
    for text in ("a text", "[A1] and A2", "[A1] (1.5.6)"):
        assert unfounded(clause(text)) == {"x/y"}
    assert unfounded(clause("heap.rs 1.19 [A1]")) == set()
    assert unfounded(clause("not promised anywhere", "quality")) == set()


def test_explain_prints_document_place_and_rule(assay, clauses):
    table = rows()
    for clause in clauses:
        text = assay("explain", clause["id"], "--contract", clause["contract"]).out
        for key in KEY.findall(clause["source"]):
            document, place, rule = table[key]
            assert f"  [{key}] {document}\n      {place}\n      {rule}\n" in text, clause["id"]
        assert ("\nSources:\n" in text) == bool(KEY.search(clause["source"]))


@pytest.mark.parametrize("row, complaint", [
    ("X1\tdocument\tplace", "found 3"),
    ("X1\tdocument\tplace\trule\tmore", "found 5"),
    ("X1\tdocument\t\trule", "empty"),
    ("X1\tdocument\tplace\trule ", "blank"),
    ("X 1\tdocument\tplace\trule", "X 1"),
    ("X" * 32 + "\tdocument\tplace\trule", "31"),
    ("A1\tdocument\tplace\trule", "A1"),
])
def test_a_malformed_row_is_refused(tmp_path, row, complaint):
    (tmp_path / "sources.tsv").write_text(TABLE.read_text() + row + "\n")
    done = subprocess.run([*MAKE_C, "sources.tsv"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    line = len(TABLE.read_text().splitlines()) + 1
    assert f"sources.tsv:{line}: " in done.stderr and complaint in done.stderr


def test_text_is_kept_as_it_is(tmp_path):
    """Quotes, backslashes and what printf would take for a format."""
    (tmp_path / "sources.tsv").write_text('key\tdocument\tplace\trule\nX1\ta "b" \\n\t%s & ??/\tc\n')
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "sources.inc"\nint main(void) {\n'
        'printf("%s|%s", source_rows[0].document, source_rows[0].place);\nreturn source_rows[1].key != NULL; }\n')
    with open(tmp_path / "sources.inc", "w") as made:
        subprocess.run([*MAKE_C, "sources.tsv"], cwd=tmp_path, check=True, stdout=made)
    subprocess.run(["cc", "-std=gnu11", "-I", ROOT, "-o", "main", "main.c"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True)
    assert done.stdout == 'a "b" \\n|%s & ??/'
