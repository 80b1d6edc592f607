"""The linkage rule on described crate graphs, as a user asks for it: exit status, text and JSON."""

import json

import pytest
from conftest import ROOT

GRAPHS = ROOT / "conformance/graphs"
STATUS = {"ok": 0, "violation": 1, "error": 2}


def expected(path):
    """The lines that the description itself says it gives."""
    return [line[3:] for line in path.read_text().splitlines() if line.startswith("#= ")]


@pytest.mark.parametrize("name", sorted(path.name for path in GRAPHS.glob("*.graph")))
def test_a_graph_gives_what_it_says(assay, name):
    lines = expected(GRAPHS / name)
    assert lines, "it does not say what it gives"
    result = assay("linkage", "--graph", GRAPHS / name)
    assert [line for line in result.out.splitlines() if line] == lines
    verdicts = {line.split()[0] for line in lines if not line.startswith(" ")}
    worst = next(word for word in ("violation", "error", "ok") if word in verdicts)
    assert result.status == STATUS[worst]


def test_json_of_one_artifact_is_an_object(assay, tmp_path):
    result = assay("linkage", "--graph", GRAPHS / "two-allocators-2.graph", "--json", "v.json")
    report = json.loads((tmp_path / "v.json").read_text())
    assert result.status == 1
    assert (report["artifact"], report["kind"], report["family"], report["verdict"]) == (
        "main",
        "executable",
        "rust-1.19",
        "violation",
    )
    assert [finding["clause"] for finding in report["findings"]] == ["linkage/at-most-one"] * len(report["findings"])
    assert "allocator1 and allocator2" in report["findings"][-1]["message"]
    assert report["needs"] is True and {"allocator1", "allocator2"} <= set(report["providers"])


def test_json_of_several_artifacts_is_an_array(assay, tmp_path):
    assay("linkage", "--graph", GRAPHS / "allocator-default-several.graph", "--json", "v.json")
    rows = json.loads((tmp_path / "v.json").read_text())
    assert [row["kind"] for row in rows] == ["executable", "dylib", "rlib", "staticlib", "cdylib"]
    assert [row["default"] for row in rows] == ["alloc_system", "alloc_system", None, "alloc_system", "alloc_system"]


@pytest.mark.parametrize(
    "text, words",
    [
        (None, ["no.graph"]),
        ("[crate a]\ndepnds = b\n", ["bad.graph:2", "depnds"]),
        ("[crate a]\ndepends = b\n[session main]\ndepends = a\n", ["bad.graph:", "b"]),
        ("[crate a\n", ["bad.graph:1"]),
    ],
)
def test_a_bad_description_is_one_line(assay, tmp_path, text, words):
    if text is not None:
        (tmp_path / "bad.graph").write_text(text)
    result = assay("linkage", "--graph", "no.graph" if text is None else "bad.graph")
    assert result.status == 2 and result.out == ""
    assert len(result.err.strip().splitlines()) == 1, result.err
    for word in words:
        assert word in result.err


def test_a_graph_takes_no_artifact_beside_it(assay):
    result = assay("linkage", "--graph", GRAPHS / "two-allocators-1.graph", "some.so")
    assert result.status == 2 and "some.so" in result.err
