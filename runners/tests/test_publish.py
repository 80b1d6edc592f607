"""Reads the page of verdicts with an HTML parser."""

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import fake_assay
import pytest

PUBLISH = Path(__file__).resolve().parents[1] / "publish"


class Page(HTMLParser):
    """The classes of the table's cells, the targets of the links, the anchors, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells, self.links, self.anchors, self.tags, self.text = [], [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self.tags.append(tag)
        if tag == "td" and "cell" in (told.get("class") or ""):
            self.cells.append(told["class"].split()[1])
        if "href" in told:
            self.links.append(told["href"].removeprefix("#"))
        if "id" in told:
            self.anchors.append(told["id"])

    def handle_data(self, data):
        self.text += data


def publish(*args) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, PUBLISH, *map(str, args)], capture_output=True, text=True)


@pytest.fixture
def verdicts(tmp_path) -> Path:
    reports = [fake_assay.report(f"{kind}.so", kind, fake_assay.STATUS.get(kind, 0))
               for kind in ("good", "bad", "unjudged")]
    reports[1]["clauses"][0]["findings"][0]["actual"] = "<script>alert(1)</script>"
    file = tmp_path / "verdicts.json"
    file.write_text(json.dumps(reports))
    return file


def test_the_page_has_a_row_a_clause_and_a_column_a_verdict(verdicts, tmp_path):
    assert publish(verdicts, "--html", tmp_path / "page.html").returncode == 0
    page = Page((tmp_path / "page.html").read_text())
    assert len(page.cells) == 3 * len(fake_assay.IDS)
    assert page.cells[:3] == ["holds", "violated", "note"]
    assert sorted(page.links) == sorted(page.anchors) == ["f2-alignment/allocate", "f2-deallocate/reuse"]
    assert "b2 = allocate(size 8, align 64)" in page.text


def test_what_a_candidate_says_is_no_markup(verdicts):
    page = Page(publish(verdicts, "--html", "-").stdout)
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in page.text


def test_differences_leave_out_what_all_agree_on(verdicts, tmp_path):
    reports = json.loads(verdicts.read_text())[:2]
    verdicts.write_text(json.dumps(reports[0]))
    other = tmp_path / "other.json"
    other.write_text(json.dumps(reports[1:]))
    page = Page(publish(verdicts, other, "--differences", "--html", "-").stdout)
    assert page.cells == ["holds", "violated", "holds", "violated"]


@pytest.mark.parametrize("content, told",
                         [(None, "cannot be read: No such file"), ("{", "no report of"), ("{}", "no report of"),
                                           ("[1]", "no report of")])
def test_a_bad_file_is_named_in_one_line(tmp_path, content, told):
    file = tmp_path / "bad.json"
    if content is not None:
        file.write_text(content)
    done = publish(file, "--html", tmp_path / "page.html")
    assert done.returncode == 2
    assert done.stderr.startswith(f"publish: {file}: {told}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "page.html").exists()
