"""make install, uninstall and dist; what is installed works without the source tree."""

import re
import shutil
import sys
import tarfile

import pytest

from places import installed  # noqa: F401
from places import ASSAY, BUILD, REFERENCE, ROOT, clean_environment, files_below, judge_quickly, run, succeed


def make(*arguments):
    return succeed("make", "--no-print-directory", f"BUILD={BUILD}", *arguments)


def test_install_and_uninstall_leave_what_is_not_theirs(tmp_path):
    root = tmp_path / "root with space/opt/assay"
    own = root / "share/assay/bindings/own.binding"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    make("install-built", f"DESTDIR={tmp_path}/root with space", "PREFIX=/opt/assay")
    assert {"bin/assay", "share/man/man1/assay.1", "share/assay/bindings/malloc.binding"} <= files_below(root)
    listed = set((root / "share/assay/installed").read_text().splitlines())
    assert listed == files_below(root) - {"share/assay/bindings/own.binding"}
    make("uninstall", f"DESTDIR={tmp_path}/root with space", "PREFIX=/opt/assay")
    assert files_below(root) == {"share/assay/bindings/own.binding"}
    assert not (root / "bin").exists()


def test_uninstall_of_nothing_is_one_line(tmp_path):
    done = run("packaging/uninstall", tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and str(tmp_path) in done.stderr


def test_uninstall_removes_nothing_outside(tmp_path):
    outside = tmp_path / "precious"
    outside.write_text("")
    (tmp_path / "root/share/assay").mkdir(parents=True)
    (tmp_path / "root/share/assay/installed").write_text("../precious\n")
    assert run("packaging/uninstall", tmp_path / "root").returncode == 2
    assert outside.exists()


def test_the_installed_program_judges(installed, tmp_path):
    judge_quickly(installed / "bin/assay", tmp_path)


def test_no_installed_text_names_the_source_tree(installed):
    for path in installed.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.name != "assay":
            assert str(ROOT) not in path.read_text(errors="replace"), path


def test_every_file_that_an_installed_page_links_to_is_installed(installed):
    documents = installed / "share/doc/assay"
    pages = list(documents.rglob("*.md"))
    names = {str(page.relative_to(documents)) for page in pages}
    assert {"README.md", "SECURITY.md", "conformance/bindings/README.md"} <= names
    links = 0
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
            source = (ROOT / page.relative_to(documents)).parent / target
            if "://" not in target and source.is_file():
                links += 1
                assert (page.parent / target).is_file(), f"{page}: {target}"
    assert links > 5


def test_every_page_that_the_program_names_is_installed(installed):
    in_a_string = re.compile(r'"[^"\n]*?([a-z_/]+/[A-Za-z_]+\.md)')
    named = {name for path in ROOT.glob("*/*/*.c") for name in in_a_string.findall(path.read_text())}
    assert named
    for name in named:
        assert (installed / "share/doc/assay" / name).is_file(), name


def test_the_installed_plugin_finds_its_program(installed, tmp_path):
    pytest.importorskip("xdist")
    runners = shutil.copytree(installed / "share/assay/runners", tmp_path / "usr/share/assay/runners")
    shutil.copytree(installed / "bin", tmp_path / "usr/bin", symlinks=True)
    shutil.copytree(installed / "share/assay/bindings", tmp_path / "usr/share/assay/bindings")
    work = tmp_path / "work"
    work.mkdir()
    verdicts = ["--clause", "alignment/allocate", "--effort", "quick", "--verdicts", work / "verdicts"]
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command = [*pytest_here, runners, "--candidate", REFERENCE, *verdicts]
    done = run(*command, cwd=work, env=clean_environment(CK_RUN_SUITE="alignment"))
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout + done.stderr
    elsewhere = run(*command, "--platform", "armhf", cwd=work)
    assert elsewhere.returncode == 4 and "need a source tree" in elsewhere.stderr
    pytest.importorskip("jinja2")
    report = next((work / "verdicts").rglob("*.json"))
    succeed(sys.executable, tmp_path / "usr/bin/assay-publish", report, "--html", work / "page.html", cwd=work)
    assert "alignment/allocate" in (work / "page.html").read_text()


def test_dist_holds_what_is_committed():
    if shutil.which("git") is None or run("git", "rev-parse", "HEAD").returncode != 0:
        pytest.skip("the sources are no git repository: there is nothing to make an archive from")
    archive = ROOT / make("dist").strip().splitlines()[-1]
    version = succeed(ASSAY, "--version").split()[1]
    assert archive.name == f"assay-{version}.tar.gz"
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
        assert {name.partition("/")[0] for name in tar.getnames()} - {"pax_global_header"} == {f"assay-{version}"}
    tracked = set(succeed("git", "ls-tree", "-r", "--name-only", "-z", "HEAD").split("\0")) - {""}
    assert tracked <= names


def test_install_for_everybody(installed):
    for path in installed.rglob("*"):
        if not path.is_symlink():
            mode = path.stat().st_mode & 0o777
            assert mode == (0o755 if path.is_dir() or mode & 0o100 else 0o644), (path, oct(mode))
