"""Tests the ssh runner against an sshd on loopback: output, files and exit status are the same as here."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin")


def build_tree():
    return Path(os.environ.get("ASSAY_BUILD", TOP / "build")).resolve()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def keys(directory):
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory / name], check=True)
    shutil.copy(directory / "user.pub", directory / "authorized")


def write_configuration(directory, port):
    (directory / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {directory}/host\nAuthorizedKeysFile {directory}/authorized\n"
        f"PidFile {directory}/pid\nStrictModes no\nPasswordAuthentication no\nUsePAM no\n"
        f"SetEnv HOME={directory}\nPermitUserEnvironment PATH\nMaxStartups 100\n"
    )
    (directory / "boards").write_text(
        "# NAME PLATFORM DESTINATION [SSH OPTIONS]\n"
        f"board native 127.0.0.1 -p {port} -F none -i {directory}/user -o UserKnownHostsFile={directory}/known "
        "-o StrictHostKeyChecking=accept-new\n"
        f"gone native 127.0.0.1 -p {free_port()} -F none -i {directory}/user\n"
    )
    (directory / "ssh_config").write_text(
        f"Host rack\n HostName 127.0.0.1\n Port {port}\n IdentityFile {directory}/user\n"
        f" UserKnownHostsFile {directory}/known\n"
        " StrictHostKeyChecking accept-new\n"
    )


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """The boards file. It names `board`, an sshd that runs until the tests end, and `gone`, where nothing listens."""
    directory = tmp_path_factory.mktemp("sshd")
    port = free_port()
    keys(directory)
    write_configuration(directory, port)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd needs it to start as root
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", directory / "sshd_config"], stderr=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield directory / "boards"
    server.terminate()
    server.wait()


def on(boards, name, *arguments, cwd, **variables):
    environment = {**os.environ, "ASSAY_BOARDS": str(boards), "ASSAY_BUILD": str(build_tree()), **variables}
    return subprocess.run(
        [TOP / "runners/on", name, "assay", *map(str, arguments)], cwd=cwd, env=environment, capture_output=True,
        text=True, timeout=300
    )


@pytest.fixture
def desk(tmp_path):
    """A directory with a candidate, and a directory in it to write into."""
    shutil.copy(build_tree() / "libreference_alloc.so", tmp_path / "mine.so")
    (tmp_path / "out").mkdir()
    return tmp_path


@pytest.fixture
def tool(tmp_path):
    """A build tree whose assay is a shell script. `tool(text)` writes the script and returns the tree."""

    def write(text):
        program = tmp_path / "tree/portable/bin/assay"
        program.parent.mkdir(parents=True)
        (tmp_path / "tree/portable/share/assay/bindings").mkdir(parents=True)
        (tmp_path / "tree/portable/share/assay/bindings/own.binding").write_text(str(tmp_path))
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
        return str(tmp_path / "tree")

    return write


def like(boards, name, options):
    """Makes a second boards file. It has the same board as `name`, with options in front of those of the first."""
    line = next(line for line in boards.read_text().splitlines() if line.startswith("board "))
    other = boards.with_name(f"boards-{name}")
    other.write_text(line.replace("board native 127.0.0.1", f"{name} native 127.0.0.1 {options}") + "\n")
    return other


def with_programs(boards, directory, names, target=None):
    """Options for the same board with only these programs. A login with this other key finds no more."""
    directory.mkdir()
    for name in names:
        (directory / name).symlink_to(target or shutil.which(name))
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory / "key"], check=True)
    with open(boards.with_name("authorized"), "a") as authorized:
        authorized.write(f'environment="PATH={directory}" {(directory / "key.pub").read_text()}')
    return f"-i {directory}/key"


JUDGE = ("--clause", "zeroing/allocate-zeroed", "--effort", "quick")


def without_times(text):
    return [line for line in text.splitlines() if "operations" not in line]


def test_verdict_and_files_come_back(board, desk):
    here = on(board, "native", "run", "mine.so", *JUDGE, "--json", "out/here.json", cwd=desk)
    there = on(board, "board", "run", "mine.so", *JUDGE, "--json", "out/there.json", cwd=desk)
    assert there.returncode == here.returncode, there.stderr
    assert without_times(there.stdout) == without_times(here.stdout)
    assert (desk / "out/there.json").read_text().count('"zeroing/allocate-zeroed"') >= 1


def test_absolute_paths_are_spelt_as_here(board, desk):
    report = desk / "out/there.json"
    there = on(board, "board", "run", desk / "mine.so", *JUDGE, f"--json={report}", cwd="/")
    assert str(desk / "mine.so") in there.stdout
    assert f'"{desk}/mine.so"' in report.read_text()
    assert "assay-board" not in there.stdout + there.stderr + report.read_text()


def test_a_path_out_of_the_directory(board, desk):
    there = on(board, "board", "run", "../mine.so", *JUDGE, "--json", "there.json", cwd=desk / "out")
    assert "../mine.so" in there.stdout
    assert (desk / "out/there.json").exists()


def test_a_new_directory_of_results_comes_back(board, desk):
    shutil.copy(build_tree() / "fixtures/page_example.so", desk)
    there = on(board, "board", "run", "page_example.so", "--clause", "alignment/*", "--effort", "quick", "--results",
               "evidence", cwd=desk)
    assert there.returncode == 1, there.stderr
    evidence = [path for path in (desk / "evidence").rglob("*") if path.is_file()]
    assert any(path.suffix == ".c" for path in evidence)
    assert not any("assay-board" in path.read_text() for path in evidence)


def test_odd_file_names(board, desk):
    name = "it's a candidate.so"
    (desk / "mine.so").rename(desk / name)
    there = on(board, "board", "run", name, *JUDGE, cwd=desk)
    assert name in there.stdout, there.stderr


@pytest.mark.parametrize("arguments", [["run", "absent.so"], ["run", "mine.so", "--clause", "no/such"], ["nonsense"]])
def test_bad_input_is_told_as_here(board, desk, arguments):
    here = on(board, "native", *arguments, cwd=desk)
    there = on(board, "board", *arguments, cwd=desk)
    assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr)
    assert there.returncode == 2


def test_a_board_that_does_not_answer(board, desk):
    there = on(board, "gone", "run", "mine.so", cwd=desk)
    assert there.returncode == 2
    assert there.stderr.count("\n") == 1 and "board gone" in there.stderr and "refused" in there.stderr


def test_a_platform_that_is_none_in_the_boards_file(board, desk):
    (desk / "boards").write_text("pi2 armv7 me@pi2.example\n")
    there = on(desk / "boards", "pi2", "run", "mine.so", cwd=desk)
    assert there.returncode == 2
    assert there.stderr.count("\n") == 1 and "board 'pi2': 'armv7' is no platform" in there.stderr


@pytest.mark.parametrize("ending", ["KILL", "STOP"], ids=["connection is cut", "board falls silent"])
def test_a_board_that_vanishes_in_mid_run(board, desk, tool, ending):
    # The shell's parent is the server of this connection. A stopped server answers no more than a board without power.
    server = "server=$(cut -d ' ' -f 4 /proc/$PPID/stat)"
    tree = tool(f"trap '' TERM; {server}; kill -{ending} $server; while [ ! -e {desk}/over ]; do sleep 0.1; done; "
                "kill -KILL $server")
    boards = like(board, "frail", "-o ServerAliveInterval=1 -o ServerAliveCountMax=1")
    there = on(boards, "frail", "run", "mine.so", "--json", "v.json", cwd=desk, ASSAY_BUILD=tree)
    (desk / "over").touch()
    assert there.returncode == 2 and not (desk / "v.json").exists()
    assert there.stderr.count("\n") == 1 and "board frail" in there.stderr and "connection lost" in there.stderr
    assert not list(Path("/tmp").glob(f"assay-board-*{desk}"))


@pytest.fixture
def endless(board, desk, tool):
    """`on` with a program there that runs until it is stopped, and then prints a summary. It has a process group of its
    own, as in a terminal, in which Ctrl-C is not ignored. A shell ignores Ctrl-C in background jobs, and these tests
    may be one."""
    tree = tool(f"echo $$ >{desk}/pid; trap 'echo summary; echo x >out/summary; exit 7' TERM; echo started; "
                "while :; do sleep 0.1; done")
    environment = {**os.environ, "ASSAY_BOARDS": str(board), "ASSAY_BUILD": tree}
    command = [TOP / "runners/on", "board", "assay", "run", "mine.so", "--results", "out/evidence"]
    process = subprocess.Popen(command, cwd=desk, env=environment, stdout=subprocess.PIPE, text=True,
                               start_new_session=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    assert process.stdout.readline() == "started\n"
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()


def test_an_interrupt_reaches_the_board_and_the_rest_comes_back(endless, desk):
    os.killpg(endless.pid, signal.SIGINT)
    assert endless.communicate(timeout=60) == ("summary\n", None)
    assert endless.returncode == 7 and (desk / "out/summary").read_text() == "x\n"


def test_nothing_runs_on_when_this_side_is_gone(endless, desk):
    os.kill(endless.pid, signal.SIGKILL)
    there = Path("/proc") / (desk / "pid").read_text().strip()
    for _ in range(600):
        if not there.exists():
            break
        time.sleep(0.1)
    assert not there.exists()


def test_a_board_without_tar(board, desk, tool):
    tree = tool("echo never run")
    options = with_programs(board, desk / "programs", ["mkdir", "mv", "rm", "ls", "tail", "xargs", "mktemp"])
    there = on(like(board, "bare", options), "bare", "run", "mine.so", cwd=desk, ASSAY_BUILD=tree)
    assert (there.returncode, there.stdout) == (2, "")
    assert there.stderr.count("\n") == 1 and "assay cannot be sent" in there.stderr and "tar" in there.stderr
    assert not list((board.parent / ".cache/assay").glob("*.*")), "half a program is left there"


def test_a_board_with_nothing_but_busybox(board, desk):
    busybox = shutil.which("busybox")
    if not busybox:
        pytest.skip("busybox is not here")
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    boards = like(board, "router", with_programs(board, desk / "programs", applets, busybox))
    shutil.copy(build_tree() / "fixtures/page_example.so", desk)
    judge = ("--clause", "alignment/allocate", "--effort", "quick", "--results", "évidence here")
    there = on(boards, "router", "run", "page_example.so", *judge, cwd=desk)
    assert there.returncode == 1 and there.stderr == ""
    assert {path.suffix for path in (desk / "évidence here").rglob("*.*") if path.is_file()} == {".c", ".trace"}


def test_only_files_that_arguments_name_are_sent(board, desk, tool):
    tree = tool("find . -type f | sort")
    (desk / "run").mkdir()
    for name in ("run/of the mill", "other.so", "a b.so"):
        (desk / name).touch()
    there = on(board, "board", "run", "mine.so", "a b.so", "--json", "out/v.json", cwd=desk, ASSAY_BUILD=tree)
    assert there.stdout.splitlines() == ["./a b.so", "./mine.so"], there.stderr


def test_what_assay_reads_of_the_environment_goes_along(board, desk, tool):
    tree = tool("echo $ASSAY_TIME_SCALE $ASSAY_MEMORY_LIMIT_MB $CK_RUN_SUITE; echo \"$CK_INCLUDE_TAGS\"")
    wishes = {"ASSAY_TIME_SCALE": "3", "ASSAY_MEMORY_LIMIT_MB": "64", "CK_INCLUDE_TAGS": "it's quick"}
    there = on(board, "board", "list", cwd=desk, ASSAY_BUILD=tree, **wishes)
    assert there.stdout.splitlines() == ["3 64", "it's quick"], there.stderr


def test_an_absolute_path_never_leaves_the_runs_own_directory(board, desk, tool):
    tree = tool(f"mkdir -p {desk}/there; echo \"$2\"; echo x >\"$2\"")
    there = on(board, "board", "run", desk / "there/v.json", cwd=desk, ASSAY_BUILD=tree)
    assert there.stdout == f"{desk}/there/v.json\n"
    assert not (desk / "there/v.json").exists()


def test_nothing_is_left_on_the_board(board, desk):
    on(board, "board", "run", "mine.so", *JUDGE, cwd=desk)
    assert not list(Path("/tmp").glob(f"assay-board-*{desk}"))


def test_the_program_is_sent_once(board, desk):
    def sent():
        return {program: program.stat().st_ctime_ns for program in (board.parent / ".cache/assay").glob("*/bin/assay")}

    on(board, "board", "run", "mine.so", *JUDGE, cwd=desk)
    once = sent()
    on(board, "board", "run", "mine.so", *JUDGE, cwd=desk)
    assert once and sent() == once


def test_an_old_program_is_sent_though_eight_newer_ones_are_there(board, desk, tool):
    tree = tool("echo I am old")
    os.utime(f"{tree}/portable", (0, 0))
    for number in range(8):
        (board.parent / f".cache/assay/newer{number}").mkdir(parents=True)
    assert on(board, "board", "list", cwd=desk, ASSAY_BUILD=tree).stdout == "I am old\n"
    assert len(list((board.parent / ".cache/assay").iterdir())) == 8


def test_an_unknown_platform_is_named(board, desk):
    there = on(board, "toaster", "run", "mine.so", cwd=desk)
    assert there.returncode == 2
    assert "toaster" in there.stderr and "armhf" in there.stderr and there.stderr.count("\n") == 1


def pytest_runners(boards, *arguments, cwd):
    program = [sys.executable, "-m", "pytest", TOP / "runners", "-q", "-p", "no:cacheprovider", *JUDGE_BY_PYTEST,
               *arguments]
    environment = dict(os.environ, ASSAY_BOARDS=str(boards), ASSAY_BUILD=str(build_tree()))
    return subprocess.run(list(map(str, program)), cwd=cwd, env=environment, capture_output=True, text=True,
                          timeout=300)


JUDGE_BY_PYTEST = ("--clause=alignment/*", "--effort=quick", f"--assay={build_tree()}/portable/bin/assay")
A_PART = " (a part of the contract only: --clause alignment/*)\n"


def test_one_command_judges_here_and_on_boards(board, desk):
    done = pytest_runners(board, "--candidate", "mine.so", "--platform", "native", "--platform", "board", "-n", "2",
                          cwd=desk)
    assert done.returncode == 0, done.stdout
    assert f"conforms: mine.so{A_PART}" in done.stdout and f"conforms: mine.so [board]{A_PART}" in done.stdout


def test_a_board_that_does_not_answer_fails_the_session(board, desk):
    done = pytest_runners(board, "--candidate", "mine.so", "--platform", "native", "--platform", "gone", cwd=desk)
    assert done.returncode != 0
    assert "board gone" in done.stdout


def test_workers_on_another_machine(board, desk):
    worker = f"2*ssh=-F {board.parent}/ssh_config rack//python={sys.executable}//chdir={desk}/there"
    trees = (f"--rsyncdir={TOP}/runners", f"--rsyncdir={desk}")
    done = pytest_runners(board, *trees, "--candidate", desk / "mine.so", "--dist", "load", "--tx", worker, cwd=desk)
    assert done.returncode == 0, done.stdout
    assert f"conforms: {desk.name}/mine.so{A_PART}" in done.stdout
