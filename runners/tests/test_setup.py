"""The setup script finds what a fresh machine lacks, installs it if it can, and otherwise names it in one line."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
INSTALL = TOP / "runners/setup/install"
TOOLS = "sh awk cut grep sed tr id env dirname cat printf chmod true".split()

TABLE = """\
# a comment
build|command|weaver|weaver|weaver-rpm|weaver-apk|weaves
build|library|thread.h:thread|libthread-dev|pkgconfig(thread)|thread-dev|what is woven
check|command|ruler|ruler measure|-|ruler-apk|measures
check|python|nowhere_to_be_found|python3-nowhere|python3-nowhere|py3-nowhere|counts
"""

# The compiler finds a library when a file of that name exists. The apt-get logs its calls and creates what it is asked
# for.
COMPILER = """#!/bin/sh
cat >/dev/null
for word in "$@"; do case $word in -l*) [ -e "$MACHINE/lib${word#-l}" ] || exit 1;; esac; done
"""
APT = """#!/bin/sh
echo "$*" >>"$MACHINE/apt.log"
[ "${APT_WORKS:-yes}" = yes ] || exit 100
for package in "$@"; do
    case $package in
    weaver|ruler) printf '#!/bin/sh\\n' >"$MACHINE/bin/$package"; chmod +x "$MACHINE/bin/$package" ;;
    libthread-dev) : >"$MACHINE/libthread" ;;
    python3-nowhere) : >"$MACHINE/python-has-it" ;;
    esac
done
"""
PYTHON = """#!/bin/sh
[ -e "$MACHINE/python-has-it" ]
"""


class Machine:
    """A machine that has only a shell, a compiler and the files that a test adds."""

    def __init__(self, directory):
        self.directory = directory
        (directory / "bin").mkdir()
        for tool in TOOLS:
            os.symlink(shutil.which(tool, path="/usr/bin:/bin"), directory / "bin" / tool)
        (directory / "table").write_text(TABLE.replace("|", "\t"))
        self.program("gcc", COMPILER)
        self.program("py", PYTHON)

    def program(self, name, text="#!/bin/sh\n"):
        path = self.directory / "bin" / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def root(self, number=0):
        self.program("id", f"#!/bin/sh\necho {number}\n")

    def put(self, name):
        (self.directory / name).touch()

    def install(self, *sets, **environment):
        variables = {"PATH": f"{self.directory}/bin", "MACHINE": str(self.directory),
                     "SETUP_TABLE": f"{self.directory}/table", "PYTHON": "py"}
        return subprocess.run(
            [self.directory / "bin/sh", INSTALL, *sets], env={**variables, **environment}, capture_output=True,
            text=True, timeout=30
        )

    def log(self):
        path = self.directory / "apt.log"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_nothing_missing_says_and_does_nothing(machine):
    machine.program("apt-get", APT)
    machine.root()
    machine.program("weaver")
    machine.put("libthread")
    done = machine.install("build")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.log() == ""


def test_root_with_apt_installs_what_is_missing_and_no_more(machine):
    machine.program("apt-get", APT)
    machine.root()
    machine.program("weaver")
    done = machine.install("build")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "installing libthread-dev\n"
    assert "install libthread-dev" in machine.log() and "weaver" not in machine.log()


def test_a_second_time_installs_nothing(machine):
    machine.program("apt-get", APT)
    machine.root()
    machine.install("build", "check")
    first = machine.log()
    assert "ruler" in first and "measure" in first
    assert machine.install("build", "check").returncode == 0
    assert machine.log() == first


def test_the_main_job_needs_less_than_the_tests(machine):
    machine.program("apt-get", APT)
    machine.root()
    machine.install("build")
    assert "ruler" not in machine.log() and "nowhere" not in machine.log()


def test_one_interpreter_has_every_module(machine):
    """Modules of another interpreter are of no use to the first one, for which packages are installed."""
    with open(machine.directory / "table", "a") as table:
        table.write("check\tpython\telsewhere\tpython3-elsewhere\tpython3-elsewhere\tpy3-elsewhere\tcounts too\n")
    machine.program("apt-get", APT)
    machine.root()
    machine.put("python-has-it")
    machine.program("py",
                    '#!/bin/sh\nshift 2\n[ "$*" = nowhere_to_be_found ] || grep -q elsewhere "$MACHINE/apt.log"\n')
    machine.program("other", '#!/bin/sh\nshift 2\n[ "$*" = elsewhere ]\n')
    done = machine.install("check", PYTHON="py other")
    assert done.returncode == 0, done.stderr
    assert "python3-elsewhere" in machine.log() and "nowhere" not in machine.log()


def test_sudo_that_asks_nothing_is_used(machine):
    machine.program("apt-get", APT)
    machine.root(1000)
    machine.program("sudo",
                    '#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\necho sudo "$@" >>"$MACHINE/apt.log"\nexec "$@"\n')
    assert machine.install("build").returncode == 0
    assert "sudo env DEBIAN_FRONTEND=noninteractive apt-get" in machine.log()


EVERYTHING = (
    "missing: weaver, thread, ruler, nowhere_to_be_found. "
    "Debian: apt-get install weaver libthread-dev ruler measure python3-nowhere; "
    "Fedora, Mageia: dnf install weaver-rpm 'pkgconfig(thread)' python3-nowhere; "
    "Alpine: apk add weaver-apk thread-dev ruler-apk py3-nowhere\n"
)


def test_without_apt_one_line_names_the_packages(machine):
    machine.root()
    done = machine.install("build", "check")
    assert (done.returncode, done.stderr) == (2, EVERYTHING)


def test_without_root_one_line_names_the_packages(machine):
    machine.program("apt-get", APT)
    machine.root(1000)
    machine.program("sudo", "#!/bin/sh\nexit 1\n")
    done = machine.install("build", "check")
    assert (done.returncode, done.stderr) == (2, EVERYTHING)
    assert machine.log() == ""


def test_apt_that_fails_ends_with_that_line(machine):
    machine.program("apt-get", APT)
    machine.root()
    done = machine.install("build", "check", APT_WORKS="no")
    assert done.returncode == 2
    assert done.stderr.endswith(EVERYTHING)
    assert "update" in machine.log()


def test_a_compiler_that_is_not_there_is_missing(machine):
    with open(machine.directory / "table", "a") as table:
        table.write("build\tcc\tgcc\tgcc libc6-dev\tgcc\tbuild-base\tcompiles\n")
    machine.program("gcc", "#!/bin/sh\nexit 1\n")
    assert "missing: weaver, thread, gcc." in machine.install("build").stderr


@pytest.mark.parametrize(
    "row, complaint",
    [("build\tmagic\tx\tx\tx\tx\tx\n", ":1: kind 'magic'"), ("build\tcommand\n", ":1: 2 columns"),
     ("", "no set 'build'")],
)
def test_a_wrong_table_is_named(machine, row, complaint):
    (machine.directory / "table").write_text(row)
    done = machine.install("build")
    assert done.returncode == 2
    assert str(machine.directory / "table") in done.stderr and complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_every_row_of_the_table_is_whole():
    rows = [line.split("\t") for line in (TOP / "runners/setup/packages.tsv").read_text().splitlines()
            if not line.startswith("#")]
    assert len(rows) > 20
    assert all(len(row) == 7 and all(row) for row in rows)
    assert {row[1] for row in rows} <= {"command", "library", "python", "cc"}


def test_every_platform_has_its_compilers_in_the_table():
    platforms = [line.split("\t") for line in (TOP / "runners/platforms/platforms.tsv").read_text().splitlines()
                 if not line.startswith("#")]
    rows = [line.split("\t") for line in (TOP / "runners/setup/packages.tsv").read_text().splitlines()]
    for platform in platforms:
        assert len(platform) == 8
        mine = [row for row in rows if row[0] == platform[0]]
        assert {row[2] for row in mine} == {f"{platform[3]}-gcc", f"{platform[3]}-g++"}
