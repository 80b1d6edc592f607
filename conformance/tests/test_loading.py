"""How a candidate is loaded, and what the caller's surroundings do to that: nothing, or a clear line with status 2."""

import os
import pathlib
import shutil
import stat
import subprocess

import pytest
from conftest import BUILD, ROOT, fixture_path
from test_bad_input import refused

QUICK = ("--effort", "quick", "--scenario", "abi/all-operations")
FIXTURES = ROOT / "conformance/fixtures"

SIX = r"""
#include <stdlib.h>
#include <string.h>
#ifdef BALLAST
static __thread __attribute__((tls_model("initial-exec"))) volatile char ballast[BALLAST];
#define TOUCH (ballast[BALLAST - 1]++)
#else
#define TOUCH 0
#endif
void *__rust_allocate(size_t size, size_t align)
{
    void *p = NULL;
    TOUCH;
    return size > (size_t)1 << 30 || posix_memalign(&p, align < 16 ? 16 : align, size) != 0 ? NULL : p;
}
void *__rust_allocate_zeroed(size_t size, size_t align)
{
    void *p = __rust_allocate(size, align);
    return p == NULL ? NULL : memset(p, 0, size);
}
void __rust_deallocate(void *p, size_t old_size, size_t align)
{
#ifdef FAULT
    ((volatile char *)p)[old_size + 16] = 1;
#endif
    (void)align, free(p);
}
void *__rust_reallocate(void *p, size_t old_size, size_t size, size_t align)
{
    void *q = __rust_allocate(size, align);
    if (q != NULL)
        memcpy(q, p, old_size < size ? old_size : size), free(p);
    return q;
}
size_t __rust_reallocate_inplace(void *p, size_t old_size, size_t size, size_t align)
{
    return (void)p, (void)size, (void)align, old_size;
}
size_t __rust_usable_size(size_t size, size_t align) { return (void)align, size; }
"""

BINDING = """[allocate]
call = __rust_allocate(size, align)
[deallocate]
call = __rust_deallocate(ptr, old_size, align)
[reallocate]
call = __rust_reallocate(ptr, old_size, size, align)
"""


def build(directory: pathlib.Path, name: str, source, *flags: str) -> pathlib.Path:
    """A shared library of the C text, or of the file."""
    if isinstance(source, str):
        text, source = source, directory / f"{name}.c"
        source.write_text(text)
    library = directory / f"{name}.so"
    subprocess.run(
        ["cc", "-O1", "-shared", "-fPIC", "-pthread", "-I", str(ROOT), *flags, "-o", str(library), str(source)],
        check=True,
    )
    return library


def shell(assay, command: str, **environment: str):
    """Runs a shell command in which $A is the program; status, standard output and standard error."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=assay.scratch,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "A": str(BUILD / "assay"), **environment},
    )
    return done.returncode, done.stdout, done.stderr


# ---- names and bindings ----


def test_a_preloaded_candidate_needs_no_slash(assay, tmp_path):
    build(tmp_path, "plain", FIXTURES / "early_arena.c")
    (tmp_path / "a.trace").write_text("assay trace 1\nb1 = allocate(size 1, align 1)\n")
    assert assay("run", "plain.so", "--binding", "malloc", *QUICK).status == 0
    assert "(preloaded)" in assay("probe", "plain.so").out
    assert assay("replay", "a.trace", "plain.so", "--binding", "malloc").status == 0


@pytest.mark.parametrize("name", ["with space.so", "a:b.so", "dir:1/$(x) 'y'.so", "new\nline.so"])
def test_a_preloaded_candidate_may_have_any_name(assay, tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    shutil.copy(fixture_path("early_arena"), tmp_path / name)
    assert assay("run", name, "--binding", "malloc", *QUICK).status == 0


def test_an_own_binding_is_probed(assay, tmp_path, reference):
    (tmp_path / "own.binding").write_text(BINDING)
    done = assay("probe", reference, "--binding", "own.binding")
    assert done.status == 0 and [line.split()[:2] for line in done.out.splitlines()] == [["own.binding", "fits"]]
    (tmp_path / "own.binding").write_text(BINDING.replace("__rust_allocate", "absent"))
    done = assay("probe", reference, "--binding", "own.binding")
    assert done.status == 2 and "has no absent" in done.out and "own.binding does not fit" in done.err
    refused(assay("probe", reference, "--binding"), "--binding")
    refused(assay("probe", reference, reference), "found 2 files")


def test_names_may_stand_behind_their_use(assay, tmp_path, reference):
    late = (
        BINDING.replace("align)", "max(align, LEAST))") + "[constants]\nLEAST = 8\n[functions]\n"
        "__rust_allocate = pointer (size, size)\n"
    )
    (tmp_path / "late.binding").write_text(late)
    assert assay("run", reference, "--binding", "late.binding", *QUICK).status == 0


def test_why_nothing_fits_is_said_once(assay, tmp_path):
    build(tmp_path, "none", "int nothing;\n")
    done = assay("run", "none.so")
    refused(done, "no shipped binding fits", "jemalloc: has no ", "rust-1.19: has no __rust_allocate")
    assert done.err.count("has no __rust_allocate;") == 1


# ---- the environment ----


@pytest.mark.parametrize("size", [20_000, 200 << 10, 1 << 20])
def test_static_storage_of_any_size(assay, tmp_path, size):
    library = build(tmp_path, "ballast", SIX, f"-DBALLAST={size}")
    assert assay("run", library, *QUICK).status == 0
    assert (
        assay("run", library, *QUICK, GLIBC_TUNABLES="glibc.malloc.check=0:glibc.rtld.optional_static_tls=512").status
        == 0
    )


def test_the_callers_preloads_and_tunables_are_kept(assay, tmp_path):
    seen = r"""
    #include <stdlib.h>
    #include <string.h>
    __attribute__((constructor)) static void look(void)
    {
        const char *preload = getenv("LD_PRELOAD"), *tunables = getenv("GLIBC_TUNABLES");
        if (preload == NULL || strstr(preload, "own.so") == NULL || tunables == NULL ||
            strstr(tunables, "malloc.check=0") == NULL)
            abort();
    }
    """
    own = build(tmp_path, "own", "int own;\n")
    kept = {"LD_PRELOAD": str(own), "GLIBC_TUNABLES": "glibc.malloc.check=0"}
    assert assay("run", build(tmp_path, "six", SIX + seen), *QUICK, **kept).status == 0
    assert assay("run", build(tmp_path, "tls", SIX + seen, f"-DBALLAST={200 << 10}"), *QUICK, **kept).status == 0
    early = (FIXTURES / "early_arena.c").read_text() + seen
    assert assay("run", build(tmp_path, "early", early), "--binding", "malloc", *QUICK, **kept).status == 0


@pytest.mark.skipif(
    os.environ.get("PLATFORM", "native") != "native", reason="the sanitizer's runtime is the machine's own"
)
def test_a_library_built_with_a_sanitizer(assay, tmp_path):
    runtime = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    if not os.path.isabs(runtime):
        pytest.skip("no AddressSanitizer here")
    loaded = {"LD_PRELOAD": runtime, "ASAN_OPTIONS": "allocator_may_return_null=1:detect_leaks=0"}
    good = build(tmp_path, "good", SIX, "-fsanitize=address", "-g")
    bad = build(tmp_path, "bad", SIX, "-fsanitize=address", "-g", "-DFAULT")
    refused(assay("run", good, *QUICK), "ASan runtime does not come first")
    assert assay("run", good, *QUICK, **loaded).status == 0
    done = assay.judge(bad, *QUICK, **loaded)
    assert done.status == 1 and done.violated() == {"abi/returns"}


# ---- the caller's process ----


def test_a_small_stack(assay, reference):
    judge = f"$A run {reference} {' '.join(QUICK)}"
    status, _, _ = shell(assay, f"ulimit -S -s 128; {judge}")
    assert status == 0
    for verb in (f"run {reference}", f"probe {reference}"):
        status, out, err = shell(assay, f"ulimit -s 128; $A {verb}")
        assert (status, out) == (2, "") and "128 KiB" in err and len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "verb",
    [
        "run {reference} --effort quick --scenario abi/all-operations",
        "list",
        "--help",
        "--version",
        "probe {reference}",
        "explain abi/returns",
        "linkage {reference}",
        "run --help",
    ],
)
def test_standard_output_that_takes_nothing(assay, reference, verb):
    verb = verb.format(reference=reference)
    for where, words in ((">&-", "standard output is closed"), (">/dev/full", "standard output cannot be written")):
        status, _, err = shell(assay, f"$A {verb} {where}")
        assert status == 2 and words in err and len(err.splitlines()) == 1, (where, err)
    assert shell(assay, f"$A {verb} >&- 2>&- <&-")[0] == 2


@pytest.mark.parametrize("machine", ["--json -", "--junit -", "--tap"])
def test_machine_readable_output_that_gets_lost(assay, reference, machine):
    status, _, err = shell(
        assay, f"$A run {reference} {' '.join(QUICK)} {machine} 2>err >/dev/full; s=$?; grep ^assay: err >&2; exit $s"
    )
    assert status == 2 and "standard output" in err and len(err.splitlines()) == 1, err


def test_closed_input_and_error(assay, reference):
    status, out, _ = shell(assay, f"$A run {reference} {' '.join(QUICK)} <&- 2>&-")
    assert status == 0 and "conforms" in out


# ---- what is no file ----


def no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    return "pipe", "folder", "/dev/zero"


@pytest.mark.parametrize(
    "command",
    [
        "run {it}",
        "run {reference} --binding ./{it}",
        "run {reference} --waivers {it}",
        "replay {it} {reference}",
        "replay a.trace {it}",
        "compare {it}",
        "linkage {it}",
        "linkage --graph {it}",
        "probe {it}",
        "probe {reference} --binding ./{it}",
    ],
)
def test_what_is_no_file(assay, tmp_path, reference, command):
    (tmp_path / "a.trace").write_text("assay trace 1\nb1 = allocate(size 1, align 1)\n")
    for it in no_files(tmp_path):
        words = command.format(it=it, reference=reference).replace(".//", "/").split()
        if words[0] == "linkage" and it == "folder":
            continue  # a tree of artifacts, which it reads
        refused(assay(*words, timeout=20), it)


def test_a_pipe_that_nobody_reads(assay, tmp_path, reference):
    os.mkfifo(tmp_path / "pipe")
    done = assay("run", reference, *QUICK, "--json", "pipe", timeout=60)
    assert done.status == 2 and "pipe: cannot be written" in done.err
    status, out, _ = shell(
        assay, f"$A run {reference} {' '.join(QUICK)} --json >(cat > report.json); s=$?; sleep 0.3; exit $s"
    )
    assert status == 0 and '"verdict"' in (tmp_path / "report.json").read_text()


def test_a_replay_writes_into_what_is_no_file(assay, tmp_path, reference):
    (tmp_path / "a.trace").write_text("assay trace 1\nb1 = allocate(size 1, align 1)\n")
    os.mkfifo(tmp_path / "pipe")
    for option in ("--json", "--save", "--emit-c"):
        done = assay("replay", "a.trace", reference, option, "pipe", timeout=60)
        assert done.status == 2 and "pipe: cannot be written" in done.err
        assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
        status, out, err = shell(
            assay, f"$A replay a.trace {reference} {option} >(cat > copy); s=$?; sleep 0.3; exit $s"
        )
        assert status == 0 and (tmp_path / "copy").stat().st_size > 0


def test_a_pipe_that_somebody_writes_to(assay, tmp_path, reference):
    if shutil.which("bash") is None:
        pytest.skip("no bash")
    (tmp_path / "w.ini").write_text("[no/clause]\nreason = none\n")
    status, _, err = shell(assay, f"$A run {reference} --waivers <(sleep 0.2; cat w.ini) {' '.join(QUICK)}")
    assert status == 2 and "no/clause" in err  # it was read
    status, _, _ = shell(assay, f"$A replay <(printf 'assay trace 1\\nb1 = allocate(size 1, align 1)\\n') {reference}")
    assert status == 0


def test_files_that_are_too_large(assay, tmp_path, reference):
    (tmp_path / "large.binding").write_text("# comment\n" * 10000)
    refused(assay("run", reference, "--binding", "large.binding"), "is larger than 65536 bytes")
