"""The ssh runner, against an sshd of our own on loopback: same output, same files, same exit status as here."""

import os
import shutil
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
        f"SetEnv HOME={directory}\nMaxStartups 100\n"
    )
    (directory / "boards").write_text(
        "# NAME PLATFORM DESTINATION [SSH OPTIONS]\n"
        f"board native 127.0.0.1 -p {port} -F none -i {directory}/user -o UserKnownHostsFile={directory}/known "
        "-o StrictHostKeyChecking=accept-new\n"
        f"gone native 127.0.0.1 -p {free_port()} -F none -i {directory}/user\n"
    )
    (directory / "ssh_config").write_text(
        f"Host rack\n HostName 127.0.0.1\n Port {port}\n IdentityFile {directory}/user\n UserKnownHostsFile {directory}/known\n"
        " StrictHostKeyChecking accept-new\n"
    )


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """The boards file naming `board`, an sshd that runs until the tests end, and `gone`, where nobody listens."""
    directory = tmp_path_factory.mktemp("sshd")
    port = free_port()
    keys(directory)
    write_configuration(directory, port)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd will not start as root without
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", directory / "sshd_config"], stderr=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield directory / "boards"
    server.terminate()
    server.wait()


def on(boards, name, *arguments, cwd):
    environment = dict(os.environ, ASSAY_BOARDS=str(boards), ASSAY_BUILD=str(build_tree()))
    return subprocess.run(
        [TOP / "runners/on", name, "assay", *map(str, arguments)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )


@pytest.fixture
def desk(tmp_path):
    """A directory with a candidate in it, and one below to write into."""
    shutil.copy(build_tree() / "libreference_alloc.so", tmp_path / "mine.so")
    (tmp_path / "out").mkdir()
    return tmp_path


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
    there = on(board, "board", "run", "page_example.so", "--clause", "alignment/*", "--effort", "quick", "--results", "evidence", cwd=desk)
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


def test_nothing_is_left_on_the_board(board, desk):
    on(board, "board", "run", "mine.so", *JUDGE, cwd=desk)
    assert not list(Path("/tmp").glob(f"assay-board-*{desk}"))


def test_the_program_is_sent_once(board, desk):
    on(board, "board", "run", "mine.so", *JUDGE, cwd=desk)
    (program,) = (board.parent / ".cache/assay").glob("*/bin/assay")
    sent = program.stat().st_ctime_ns
    on(board, "board", "run", "mine.so", *JUDGE, cwd=desk)
    assert program.stat().st_ctime_ns == sent


def test_an_unknown_platform_is_named(board, desk):
    there = on(board, "toaster", "run", "mine.so", cwd=desk)
    assert there.returncode == 2
    assert "toaster" in there.stderr and "armhf" in there.stderr and there.stderr.count("\n") == 1


def pytest_runners(boards, *arguments, cwd):
    program = [sys.executable, "-m", "pytest", TOP / "runners", "-q", "-p", "no:cacheprovider", *JUDGE_BY_PYTEST, *arguments]
    environment = dict(os.environ, ASSAY_BOARDS=str(boards), ASSAY_BUILD=str(build_tree()))
    return subprocess.run(list(map(str, program)), cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)


JUDGE_BY_PYTEST = ("--clause=alignment/*", "--effort=quick", f"--assay={build_tree()}/portable/bin/assay")


def test_one_command_judges_here_and_on_boards(board, desk):
    done = pytest_runners(board, "--candidate", "mine.so", "--platform", "native", "--platform", "board", "-n", "2", cwd=desk)
    assert done.returncode == 0, done.stdout
    assert "conforms: mine.so\n" in done.stdout and "conforms: mine.so [board]\n" in done.stdout


def test_a_board_that_does_not_answer_fails_the_session(board, desk):
    done = pytest_runners(board, "--candidate", "mine.so", "--platform", "native", "--platform", "gone", cwd=desk)
    assert done.returncode != 0
    assert "board gone" in done.stdout


def test_workers_on_another_machine(board, desk):
    worker = f"2*ssh=-F {board.parent}/ssh_config rack//python={sys.executable}//chdir={desk}/there"
    trees = (f"--rsyncdir={TOP}/runners", f"--rsyncdir={desk}")
    done = pytest_runners(board, *trees, "--candidate", desk / "mine.so", "--dist", "load", "--tx", worker, cwd=desk)
    assert done.returncode == 0, done.stdout
    assert f"conforms: {desk.name}/mine.so\n" in done.stdout
