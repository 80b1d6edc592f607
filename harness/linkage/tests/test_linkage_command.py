"""Files that people pass by mistake get one line that names the file and says what is wrong, and status 2.

test_corpus.py has the files that are damaged on purpose.
"""

import json
import os
import pathlib
import struct
import subprocess

import pytest
from conftest import BUILD
from workshop import ALLOCATOR, NOTHING, SIX, calls, defines

# ---- files ----


def test_missing_file(linkage):
    linkage.refused("no-such-file", words=("no-such-file", "cannot be read: No such file"))


def test_text(native, linkage):
    linkage.refused(native.write("notes.txt", "hello\n"), words=("notes.txt", "is no ELF file and no archive"))


def test_empty_file(native, linkage):
    linkage.refused(native.write("empty", ""), words=("empty", "is empty"))


def test_file_shorter_than_it_says(linkage):
    """A file of sysfs claims the size of a page and holds one line."""
    pages = [page
             for page in map(pathlib.Path, ("/sys/kernel/profiling", "/sys/kernel/fscaps", "/sys/kernel/kexec_loaded"))
             if page.exists() and 0 < len(page.read_bytes()) < 4 < page.stat().st_size]
    if not pages:
        pytest.skip("this kernel has no such file")
    linkage.refused(pages[0], words=(str(pages[0]), "is no ELF file and no archive"))


@pytest.mark.parametrize("text", [
    "/* GNU ld script */\nOUTPUT_FORMAT(elf64-x86-64)\nGROUP ( /lib/libc.so.6 libc_nonshared.a )\n",
    "INPUT(-lncursesw)\n"])
def test_text_for_the_linker(native, linkage, text):
    """/usr/lib/*/libc.so is a linker script, and many people take it for the library."""
    linkage.refused(native.write("libc.so", text),
                    words=("libc.so", "is a linker script", "name the file that it points to"))


def test_debug_information_only(shop, linkage):
    """`objcopy --only-keep-debug` leaves the headers of a library without its contents."""
    library = shop.library("liba.so", ALLOCATOR)
    shop.tool("objcopy", "--only-keep-debug", library, shop.path("liba.so.debug"))
    linkage.legal(library)
    linkage.refused(shop.path("liba.so.debug"), words=("liba.so.debug", "holds debug information only"))


def test_core_dump(shop, linkage):
    image = bytearray(shop.program("app").read_bytes())
    struct.pack_into("<H" if image[5] == 1 else ">H", image, 16, 4)  # e_type
    linkage.refused(shop.write("core", bytes(image)), words=("core", "is a core dump, expected an executable"))


@pytest.mark.parametrize("build", ["library", "program", "relocatable", "archive"])
def test_cut_short(shop, linkage, build):
    """The file is cut at every tenth of its length, and at the end of the parts that are read first."""
    whole = {"library": lambda: shop.library("whole", ALLOCATOR),
             "program": lambda: shop.program("whole", ALLOCATOR, flags=["-no-pie"]),
             "relocatable": lambda: shop.relocatable("whole", ALLOCATOR),
             "archive": lambda: shop.archive("whole", {"a.o": NOTHING, "b.o": ALLOCATOR})}[build]()
    image = whole.read_bytes()
    linkage.legal(whole)
    for length in sorted({3, 4, 7, 15, 16, 17, 51, 63, *(len(image) * tenth // 10 for tenth in range(1, 10)),
                          len(image) - 1}):
        linkage.refused(shop.write("cut", image[:length]), words=("cut: is ",))


# ---- directories ----

def test_directory_without_any(native, linkage):
    """When nothing was judged, the answer must not look like a good one."""
    native.write("empty/notes.txt", "hello\n")
    native.library("full/liba.so", ALLOCATOR)
    assert linkage.run("full").returncode == 0
    linkage.refused("empty", "--json", "report.json", words=("empty: is a directory with no ELF file",))
    assert json.loads(native.path("report.json").read_text()) == []
    both = linkage.run("full", "empty/")
    assert (both.returncode, both.stderr.count("\n")) == (2, 1)


def test_damaged_file_in_a_tree(native, linkage):
    """A damaged file is an error of its own. It stops nothing, and a violation still decides the status."""
    whole = native.library("tree/liba.so", ALLOCATOR)
    native.write("tree/cut.so", whole.read_bytes()[:100])
    done = linkage.run("tree", "--json", "-")
    assert (done.returncode, "2 artifacts: 1 ok, 1 error" in done.stderr) == (2, True), done.stderr
    verdicts = {row["artifact"]: row["verdict"] for row in json.loads(done.stdout)}
    assert verdicts == {"tree/cut.so": "error", "tree/liba.so": "ok"}
    native.library("tree/libfive.so", defines(*SIX[:5]))
    assert linkage.run("tree").returncode == 1


def test_one_of_several_is_missing(native, linkage):
    """The other files are judged, and the worst verdict is the exit status."""
    native.library("liba.so", ALLOCATOR)
    native.library("libopen.so", needs=[native.library("libgone.so")])
    native.path("libgone.so").unlink()
    done = linkage.run("no-such-file", "liba.so", "--json", "-")
    assert done.returncode == 2
    assert [row["verdict"] for row in json.loads(done.stdout)] == ["error", "ok"]
    assert linkage.run("no-such-file", "liba.so", "libopen.so").returncode == 3


# ---- options ----

@pytest.mark.parametrize("arguments, words", [
    (["--frobnicate"], ["--frobnicate"]), (["--kind", "crate"], ["--kind", "crate", "staticlib"]),
    (["--family", "jemalloc"], ["jemalloc", "malloc"]), (["--jobs", "0"], ["--jobs"]), (["--jobs", "many"], ["many"]),
    (["--sysroot", "no-such-tree"], ["no-such-tree", "no directory"]), (["--sysroot"], ["--sysroot"]),
    (["--json"], ["--json"]), (["--graph", "x.graph"], ["--graph", "liba.so"]),
])
def test_usage(native, linkage, arguments, words):
    native.library("liba.so", ALLOCATOR)
    linkage.refused("liba.so", *arguments, words=words)


@pytest.mark.parametrize("option",
                         [["--kind", "dylib"], ["--family", "malloc"], ["--sysroot", "/"], ["--library-path", "/lib"]])
def test_options_of_files_beside_a_graph(native, linkage, option):
    """An option that would have no effect is refused, not ignored."""
    native.write("x.graph", "[session main]\n")
    assert linkage.run("--graph", "x.graph", "--jobs", "1").returncode == 0
    linkage.refused("--graph", "x.graph", *option, words=("--graph describes everything", option[0]))


def test_graph_from_a_pipe(native, linkage):
    """A pipe with a writer is read to its end. A pipe without one is not waited for."""
    os.mkfifo(native.path("pipe"))
    linkage.refused("--graph", "pipe", words=("pipe: is a pipe that nobody writes to, expected a crate graph",))
    read, write = os.pipe()
    os.write(write, b"[session main]\n")
    os.close(write)
    done = subprocess.run([str(BUILD / "assay"), "linkage", "--graph", "/dev/stdin"], stdin=read, capture_output=True,
                          text=True, timeout=60)
    os.close(read)
    assert (done.returncode, done.stderr) == (0, ""), done


def test_nothing_to_judge(linkage):
    linkage.refused(words=("no artifact",))


def test_report_that_cannot_be_written(native, linkage):
    native.library("liba.so", ALLOCATOR)
    done = linkage.run("liba.so", "--json", "no-such-directory/report.json")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "no-such-directory/report.json" in done.stderr


# ---- what the report says of a good file ----

def test_text_and_json_say_the_same(shop, linkage):
    a, user = shop.library("liba.so", ALLOCATOR), shop.library("libuser.so", calls(SIX[0]))
    result = linkage.legal(shop.program("app", calls(*SIX), needs=[a, user]))
    assert [(party["role"], party["name"], party["path"]) for party in result.report["parties"]] == [
        ("needs", "app", "app"), ("provider", "liba.so", "app -> liba.so"),
        ("needs", "libuser.so", "app -> libuser.so")]
    assert result.report["parties"][1]["functions"] == SIX
    for words in ("executable (PIE), judged as executable, family rust-1.19", "provides   liba.so", "all six",
                  "needs      libuser.so",
                  "app -> libuser.so", f"{shop.platform.default}"):
        assert words in result.text, result.text
