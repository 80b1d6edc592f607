"""Tests which runner a platform gets, what it tells assay, and its message when it cannot run. Emulators and machines
are faked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", "build"))
BUILD = BUILD if BUILD.is_absolute() else TOP / BUILD

# Takes the place of an emulator and of assay. It prints how it was started and ends with status 3.
ECHO = """#!/bin/sh
echo "$(basename "$0")" "$@"
env | grep -E '^(ASSAY|QEMU)_' | sort
exit 3
"""


@pytest.fixture
def machine(tmp_path):
    """A build tree, and programs that come first in PATH. `machine(uname)` sets the machine that the kernel reports."""
    programs, build = tmp_path / "programs", tmp_path / "build"
    programs.mkdir()

    def program(path, text=ECHO):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def on(*arguments, machine="x86_64", script="on", **environment):
        program(programs / "uname", f"#!/bin/sh\necho {machine}\n")
        variables = {"PATH": f"{programs}:/usr/bin:/bin", "ASSAY_BUILD": str(build),
                     "ASSAY_BOARDS": str(tmp_path / "boards"), **environment}
        return subprocess.run(["sh", TOP / "runners" / script, *arguments], env=variables, capture_output=True,
                              text=True, timeout=30)

    on.program, on.programs, on.build, on.boards = program, programs, build, tmp_path / "boards"
    return on


def complaint(done):
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
    return done.stderr


def test_native_runs_the_program_itself(machine):
    machine.program(machine.build / "assay")
    done = machine("native", "assay", "run", "a b", "--tap")
    assert done.returncode == 3
    assert done.stdout.splitlines()[0] == "assay run a b --tap"
    assert "ASSAY_PLATFORM_LACKS=\n" in done.stdout and "ASSAY_EXEC_PREFIX" not in done.stdout


def test_an_emulator_is_told_of_and_so_is_what_it_lacks(machine):
    machine.program(machine.build / "armhf/assay")
    machine.program(machine.programs / "qemu-arm-static")
    done = machine("armhf", "assay", "run", "x.so")
    assert done.returncode == 3
    assert done.stdout.splitlines()[0] == f"qemu-arm-static {machine.build}/armhf/assay run x.so"
    for line in (
        "ASSAY_EXEC_PREFIX=qemu-arm-static",
        "ASSAY_PLATFORM_LACKS=seccomp,rlimit-as,wipe-on-fork",
        "ASSAY_TIME_SCALE=10",
        f"QEMU_LD_PREFIX={machine.build}/sysroot/armhf",
    ):
        assert line in done.stdout.splitlines()


def test_the_users_time_scale_wins(machine):
    machine.program(machine.build / "armhf/assay")
    machine.program(machine.programs / "qemu-arm-static")
    assert "ASSAY_TIME_SCALE=40\n" in machine("armhf", "assay", "list", ASSAY_TIME_SCALE="40").stdout


@pytest.mark.parametrize("platform, kernel",
                         [("i686", "x86_64"), ("armhf", "aarch64"), ("aarch64", "aarch64"), ("s390x", "s390x")])
def test_a_kernel_that_takes_the_program_runs_it(machine, platform, kernel):
    machine.program(machine.build / platform / "assay")
    machine.program(next_loader(machine, platform), "#!/bin/sh\nexit 0\n")
    done = machine(platform, "assay", "list", machine=kernel)
    assert done.stdout.splitlines()[0] == "assay list" and "ASSAY_PLATFORM_LACKS=\n" in done.stdout


def test_a_kernel_that_refuses_after_all_leaves_it_to_the_emulator(machine):
    machine.program(machine.build / "i686/assay")
    machine.program(next_loader(machine, "i686"), "not a program of this machine")
    next_loader(machine, "i686").chmod(0o644)
    machine.program(machine.programs / "qemu-i386-static")
    assert machine("i686", "assay", "list").stdout.startswith("qemu-i386-static ")


def test_a_kernel_that_hands_programs_to_an_emulator_does_not_run_them(machine):
    machine.program(machine.build / "armhf/assay")
    machine.program(next_loader(machine, "armhf"),
                    '#!/bin/sh\n[ -n "$QEMU_VERSION" ] && echo "qemu-arm version 7.2.22" || echo "ld.so"\n')
    machine.program(machine.programs / "qemu-arm-static")
    done = machine("armhf", "assay", "list", machine="aarch64")
    assert done.stdout.startswith("qemu-arm-static ")
    assert "ASSAY_PLATFORM_LACKS=seccomp,rlimit-as,wipe-on-fork\n" in done.stdout


def test_an_emulator_is_needed_where_the_kernel_does_not_run_the_platform(machine):
    def needed(platform, kernel="x86_64"):
        done = machine(platform, machine=kernel, script="platforms/emulation")
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert needed("armhf") == "emulate\n"
    assert needed("armhf", "aarch64") == needed("native") == needed("i686") == ""
    machine.program(next_loader(machine, "i686"), "#!/bin/sh\nexit 0\n")
    assert needed("i686") == ""
    machine.program(next_loader(machine, "i686"), "not a program of this machine")
    next_loader(machine, "i686").chmod(0o644)
    assert needed("i686") == "emulate\n"


def next_loader(machine, platform):
    row = [line.split("\t") for line in (TOP / "runners/platforms/platforms.tsv").read_text().splitlines()
           if line.startswith(platform + "\t")][0]
    return machine.build / "sysroot" / platform / row[5]


@pytest.mark.parametrize("runner, compiler, platform, emulator", [
    ("native", "gcc", None, "env"),
    ("qemu-user", "arm-linux-gnueabihf-gcc", "armhf", "qemu-arm-static"),
    ("qemu-user", "i686-linux-gnu-gcc", "i686", "qemu-i386-static"),
])
def test_a_runner_lacks_what_it_says_and_nothing_else(tmp_path, runner, compiler, platform, emulator):
    if not shutil.which(compiler) or not shutil.which(emulator):
        pytest.skip(f"{compiler} or {emulator} is not here")
    libraries = [f"--sysroot={BUILD}/sysroot/{platform}"] if (BUILD / f"sysroot/{platform}").exists() else []
    command = [compiler, "-static", "-pthread", "-O1", *libraries, "-o", tmp_path / "lacks"]
    if subprocess.run([*command, "-x", "c", "-"], input="#include <stdio.h>\nint main(void) {}", text=True,
                      stderr=subprocess.DEVNULL).returncode:
        pytest.skip(f"the libraries of {platform} are not here")
    subprocess.run([*command, TOP / "runners/tests/lacks.c"], check=True)
    tried = subprocess.run([emulator, tmp_path / "lacks"], capture_output=True, text=True, check=True)
    said = subprocess.run(["sh", "-c", f'qemu={emulator}; . {TOP}/runners/platforms/{runner}; echo "$runner_lacks"'],
                          capture_output=True, text=True)
    assert tried.stdout.split() == [word for word in said.stdout.strip().split(",") if word]


def test_another_program_than_assay(machine, tmp_path):
    machine.program(tmp_path / "test_it")
    assert machine("native", str(tmp_path / "test_it"), "-v").stdout.startswith("test_it -v")


def test_a_program_that_is_none(machine):
    machine.program(machine.programs / "qemu-arm-static")
    for platform in ("native", "armhf"):
        assert "no/such/test: no such program" in complaint(machine(platform, "no/such/test"))


def test_what_is_not_built_says_how_to_build_it(machine):
    assert "`make PLATFORM=s390x` builds it" in complaint(machine("s390x", "assay", "list"))
    assert "`make` builds it" in complaint(machine("native", "assay", "list"))


def test_a_missing_emulator_is_named(machine):
    for tool in ("sh", "awk", "cut", "dirname", "grep"):
        (machine.programs / tool).symlink_to(f"/usr/bin/{tool}")
    machine.program(machine.build / "s390x/assay")
    assert "qemu-s390x-static is missing" in complaint(machine("s390x", "assay", "list", PATH=str(machine.programs)))


def test_a_platform_that_is_none_is_named_with_those_that_are(machine):
    text = complaint(machine("vax", "assay", "list"))
    assert "'vax'" in text and "armhf," in text and "s390x," in text


def test_a_board_half_described(machine):
    machine.boards.write_text("# boards\nrack3 armhf\n")
    assert "board 'rack3': expected NAME PLATFORM DESTINATION" in complaint(machine("rack3", "assay", "list"))


def test_no_arguments(machine):
    assert "usage" in complaint(machine())


def test_the_list_has_every_platform_and_board(machine):
    machine.boards.write_text("rack3 armhf me@rack3.example -p 2222\n")
    done = machine(script="platforms/list")
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert names == ["PLATFORM", "native", "x86_64", "i686", "armhf", "aarch64", "riscv64", "ppc64le", "s390x", "rack3"]
    assert "lacks seccomp, rlimit-as, wipe-on-fork" in done.stdout
    assert done.returncode == 0, done.stderr


def test_an_unknown_platform_stops_make(tmp_path):
    done = subprocess.run(
        ["make", "-C", TOP, "-n", f"BUILD={tmp_path}", "PLATFORM=vax", "list"], capture_output=True, text=True,
        env={"PATH": os.environ["PATH"]}
    )
    assert done.returncode == 2
    assert "PLATFORM=vax is not native or one of" in done.stderr
