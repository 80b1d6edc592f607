"""The packages are built from what is built here, installed into an empty root, and judge an allocator there."""

import re
import shutil
import subprocess

import pytest

from places import installed  # noqa: F401
from places import ASSAY, ROOT, clean_environment, files_below, judge_quickly, run, succeed

VERSION = re.search(r'ASSAY_VERSION "([^"]+)"', (ROOT / "harness/report/report.h").read_text())[1]
SPEC = (ROOT / "packaging/rpm/assay.spec").read_text()
APKBUILD = (ROOT / "packaging/alpine/APKBUILD").read_text()


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


@pytest.fixture
def built(tmp_path):
    """A build directory with the program alone, where packages can be made beside other tests."""
    (tmp_path / "build").mkdir()
    shutil.copy2(ASSAY, tmp_path / "build/assay")
    return tmp_path / "build"


def expected_files(root):
    names = files_below(root)
    assert {
        "usr/bin/assay",
        "usr/bin/assay-publish",
        "usr/share/assay/bindings/malloc.binding",
        "usr/share/assay/runners/pytest_assay/plugin.py",
        "usr/share/bash-completion/completions/assay",
        "usr/share/doc/assay/README.md",
        "usr/share/fish/vendor_completions.d/assay.fish",
    } <= names
    for page in ("man1/assay.1", "man5/assay-binding.5", "man5/assay-waivers.5", "man5/assay-trace.5"):
        assert any(name.startswith(f"usr/share/man/{page}") for name in names), page
    assert "usr/share/assay/installed" not in names  # the package manager has a list of its own
    return names


def test_the_debian_package_installs_into_an_empty_root(built, tmp_path):
    need("dpkg", "dpkg-deb", "dpkg-shlibdeps")
    package = succeed("packaging/debian/make-deb", built, env=clean_environment(VERSION=VERSION)).strip()
    assert succeed("dpkg-deb", "--field", package, "Version").strip() == f"{VERSION}-1"
    depends = succeed("dpkg-deb", "--field", package, "Depends")
    assert all(library in depends for library in ("libc6", "libelf1", "libffi", "libinih1", "libjansson4"))
    root = tmp_path / "root"
    (root / "var/lib/dpkg/info").mkdir(parents=True)
    (root / "var/lib/dpkg/updates").mkdir()
    (root / "var/lib/dpkg/status").touch()
    (root / "var/lib/dpkg/available").touch()
    # The root has no libraries: this machine's are used.
    dpkg = ["dpkg", f"--root={root}", "--force-depends", "--force-not-root", "--log=/dev/null"]
    succeed(*dpkg, "--install", package)
    names = expected_files(root)
    assert {"usr/share/zsh/vendor-completions/_assay", "usr/share/doc/assay/copyright"} <= names
    judge_quickly(root / "usr/bin/assay", tmp_path)
    succeed(*dpkg, "--purge", "assay")
    assert not (root / "usr/bin/assay").exists() and not (root / "usr/share/assay").exists()


def test_the_rpm_package_unpacks_into_an_empty_root(built, tmp_path):
    need("rpmbuild", "rpm", "rpm2cpio", "cpio")
    package = succeed("packaging/rpm/make-rpm", built, env=clean_environment(VERSION=VERSION)).strip()
    assert succeed("rpm", "-qp", "--queryformat", "%{NAME} %{VERSION} %{LICENSE}", package) == f"assay {VERSION} MIT"
    requires = succeed("rpm", "-qp", "--requires", package)
    assert "libffi.so" in requires and "libelf.so" in requires
    root = tmp_path / "root"
    root.mkdir()
    with open(tmp_path / "archive", "wb") as archive:
        subprocess.run(["rpm2cpio", package], stdout=archive, check=True)
    with open(tmp_path / "archive", "rb") as archive:
        succeed("cpio", "-idm", "--quiet", cwd=root, stdin=archive)
    assert "usr/share/zsh/site-functions/_assay" in expected_files(root)
    judge_quickly(root / "usr/bin/assay", tmp_path)


def test_without_the_tools_one_line_names_their_package(tmp_path):
    empty = tmp_path / "bin"
    empty.mkdir()
    for tool in ("sh", "realpath"):
        (empty / tool).symlink_to(shutil.which(tool))
    for script, package in (("rpm/make-rpm", "rpm"), ("debian/make-deb", "dpkg-dev")):
        done = run(f"packaging/{script}", tmp_path, env={"PATH": str(empty), "VERSION": VERSION})
        assert done.returncode == 2 and f"apt-get install {package}" in done.stderr and done.stderr.count("\n") == 1


# ---- what the recipes say is what the sources say ----


def needed_for_building(column):
    lines = (ROOT / "runners/setup/packages.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {word for row in rows if row[0] == "build" for word in row[column].split()}


def test_recipes_have_the_version_of_the_sources():
    assert f"assay_version {VERSION}}}" in SPEC
    assert f"pkgver={VERSION}\n" in APKBUILD
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert f"## [{VERSION}]" in changes


def test_the_spec_needs_for_building_what_the_table_lists():
    assert set(re.findall(r"^BuildRequires: +(\S+)$", SPEC, re.M)) == needed_for_building(4)


def test_the_apkbuild_needs_for_building_what_the_table_lists():
    assert set(re.search(r'^makedepends="(.*)"', APKBUILD, re.M)[1].split()) == needed_for_building(5)
    variables = succeed("sh", "-c", '. ./packaging/alpine/APKBUILD; echo "$pkgname $pkgver"; type build package')
    assert variables.startswith(f"assay {VERSION}\n")


def test_the_spec_lists_what_is_installed(installed):
    macros = {"%{_bindir}": "bin", "%{_datadir}": "share", "%{_mandir}": "share/man"}
    files = SPEC.partition("%files\n")[2].split()
    for macro, place in macros.items():
        files = [name.replace(macro, place) for name in files]
    for name in files_below(installed) - {"share/assay/installed"}:
        assert any(name == each.rstrip("*") or name.startswith(each + "/") for each in files), name
