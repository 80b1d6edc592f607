"""Untrusted files: the fuzzers' corpus, and files that are damaged on purpose.

For each damaged file, `assay linkage` says in one line what is wrong, ends with status 2, and takes no more memory than
for any other file. The time limits catch a program that hangs.
"""

import itertools
import os
import pathlib
import resource
import subprocess
from typing import Any, Callable

import pytest
from surgery import (DT_GNU_HASH, DT_HASH, DT_NEEDED, DT_RUNPATH, DT_SONAME, DT_STRSZ, DT_STRTAB, DT_SYMTAB,
                     PT_DYNAMIC, PT_INTERP, PT_LOAD, SHT_DYNSYM, SHT_STRTAB, SHT_SYMTAB, Elf)

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
BUILD = BUILD if BUILD.is_absolute() else ROOT / BUILD
CORPUS = ROOT / "harness/linkage/fuzz/corpus"
HANGS = 120
MOST_MEMORY = 64 << 20
SPARSE = 4 << 30


# ---- the corpus ----

@pytest.mark.parametrize("target, files", [
    ("fuzz-files", sorted((CORPUS / "files").iterdir())),
    ("fuzz-graph", [*sorted((CORPUS / "graph").iterdir()), *sorted((ROOT / "conformance/graphs").glob("*.graph"))]),
], ids=["files", "graph"])
def test_corpus_is_clean(target: str, files: list[pathlib.Path]) -> None:
    done = subprocess.run([BUILD / target, *files], capture_output=True, text=True, errors="replace", timeout=HANGS)
    assert len(files) > 30
    assert (done.returncode, done.stderr) == (0, "")


def test_target_would_notice(tmp_path: pathlib.Path) -> None:
    """The target is compiled with both sanitizers, so the test above can fail."""
    symbols = (BUILD / "fuzz-files").read_bytes()
    assert b"__asan_report_load" in symbols and b"__ubsan_handle" in symbols
    assert subprocess.run([BUILD / "fuzz-files", tmp_path / "none"], capture_output=True).returncode == 2


# ---- files that are damaged on purpose ----

def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def is_sanitized() -> bool:
    return b"__asan_init" in (BUILD / "assay").read_bytes()


def judge(*arguments: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [BUILD / "assay", "linkage", "--jobs", "1", *arguments], capture_output=True, text=True, errors="replace",
        timeout=HANGS, stdin=subprocess.DEVNULL, preexec_fn=None if is_sanitized() else limit_memory)


def assert_refused(path: pathlib.Path, *said: str, family: str = "malloc") -> None:
    done = judge("--family", family, path)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (2, "", 1), done
    assert lines[0].startswith(f"assay: {path}"), lines
    assert len(lines[0]) > len(f"assay: {path}: ") + 5, lines
    for words in said:
        assert words in lines[0]


SOURCE = """
char pool[64];
void *malloc(unsigned long size) { return pool + (size & 15); }
void free(void *block) { (void)block; }
static void *realloc(void *block, unsigned long size) { return (char *)block + (size & 1); }
void *grow(void *block) { return realloc(block, 1); }
"""


class Shop:
    """Compiles files, damages them and writes them."""

    def __init__(self, scratch: pathlib.Path) -> None:
        self.scratch = scratch
        self.scratch.mkdir(exist_ok=True)
        (self.scratch / "victim.c").write_text(SOURCE)

    def build(self, name: str, *options: str) -> pathlib.Path:
        path = self.scratch / name
        subprocess.run([os.environ.get("CC", "gcc"), "-fPIC", "-nostdlib", "-fno-builtin", self.scratch / "victim.c",
                        "-o", path,
                        *options], check=True)
        return path

    def library(self) -> Elf:
        return Elf(self.build("victim.so", "-shared",
                              "-Wl,--hash-style=both,-soname,victim.so,-rpath,/nowhere,--enable-new-dtags"))

    def object(self) -> Elf:
        return Elf(self.build("victim.o", "-c"))

    def write(self, contents: bytes, name: str = "damaged") -> pathlib.Path:
        path = self.scratch / name
        path.write_bytes(contents)
        return path

    def sparse(self, contents: bytes) -> pathlib.Path:
        path = self.write(contents)
        os.truncate(path, SPARSE)
        return path


@pytest.fixture
def shop(tmp_path: pathlib.Path) -> Shop:
    return Shop(tmp_path / "shop")


def test_undamaged_is_judged(shop: Shop) -> None:
    """The undamaged files are judged, so each refusal below is due to the damage alone."""
    for victim in (shop.library(), shop.object()):
        assert judge("--family", "malloc", shop.write(victim.bytes)).returncode in (0, 1)


@pytest.mark.parametrize("kind", ["library", "object"])
def test_cut_at_every_boundary(shop: Shop, kind: str) -> None:
    victim = getattr(shop, kind)()
    boundaries = victim.boundaries()
    assert len(boundaries) > 20
    for place in boundaries:
        assert_refused(shop.write(victim.bytes[:place]))


Damage = Callable[[Elf], None]


def set_header(**fields: int) -> Damage:
    return lambda elf: elf.set_header(**fields)


def extended_count(**fields: int) -> Damage:
    """Puts the count into section 0, as when the header has no room for it."""
    def damage(elf: Elf) -> None:
        first = elf.sections()[0]
        elf.set("section", first, **fields)
        elf.set_header(**({"shnum": 0} if "size" in fields else {"phnum": 0xFFFF}))
    return damage


def set_section(which: int, **fields: int) -> Damage:
    return lambda elf: elf.set("section", elf.section(which), **fields)


def set_segment(which: int, **fields: int) -> Damage:
    return lambda elf: elf.set("segment", elf.segment(which), **fields)


def set_entry(tag: int, value: int) -> Damage:
    return lambda elf: elf.set("dynamic", elf.entry(tag), value=value)


def set_word(tag: int, *values: tuple[int, int]) -> Damage:
    """Sets words of the table that a dynamic entry points to: (index, value)."""
    def damage(elf: Elf) -> None:
        table = elf.offset(elf.get("dynamic", elf.entry(tag))["value"])
        for index, value in values:
            elf.set("word", table + 4 * index, value=value)
    return damage


def without_sysv(damage: Damage) -> Damage:
    """Leaves only the GNU hash table, which then says alone how many symbols there are."""
    def both(elf: Elf) -> None:
        elf.set("dynamic", elf.entry(DT_HASH), tag=0x6000DEAD)
        elf.set_header(shoff=0, shnum=0, shstrndx=0)
        damage(elf)
    return both


def relink(elf: Elf, strings: bytes, entries: list[tuple[int, int]]) -> bytes:
    """Appends these strings, and a dynamic section with these entries, to the file."""
    high, pack = 0x40000000, elf.formats["dynamic"][0].pack
    dynamic = b"".join(pack(*entry) for entry in [*entries, (DT_STRTAB, high), (DT_STRSZ, len(strings)), (0, 0)])
    start = len(elf.bytes)
    elf.set("segment", elf.segment(PT_LOAD), offset=start + len(dynamic), vaddr=high, filesz=len(strings),
            memsz=len(strings))
    elf.set("segment", elf.segment(PT_DYNAMIC), offset=start, filesz=len(dynamic))
    elf.bytes += dynamic + strings
    return elf.bytes


def unterminated(elf: Elf) -> None:
    relink(elf, b"\0no zero ends it", [(DT_SONAME, 1)])


def spell_family(elf: Elf) -> None:
    """Makes a string table that holds only "free", a million and a half times."""
    strings = elf.sections()[elf.get("section", elf.section(SHT_SYMTAB))["link"]]
    elf.set("section", strings, offset=len(elf.bytes), size=5 * 1500000)
    elf.bytes += b"free\0" * 1500000


def endless_dynamic(elf: Elf) -> None:
    """Writes a hundred thousand entries, of which none is the last."""
    elf.set("segment", elf.segment(PT_DYNAMIC), offset=len(elf.bytes), filesz=100000 * elf.size("dynamic"))
    elf.bytes += elf.formats["dynamic"][0].pack(0x6000DEAD, 1) * 100000


def needs_crowd(elf: Elf) -> None:
    elf.set("segment", elf.segment(PT_DYNAMIC), offset=len(elf.bytes), filesz=10000 * elf.size("dynamic"))
    elf.bytes += elf.formats["dynamic"][0].pack(DT_NEEDED, 1) * 10000


def last_symbol(elf: Elf) -> int:
    """The offset of the last symbol of the static table. The symbol begins with the offset of its name."""
    table = elf.get("section", elf.section(SHT_SYMTAB))
    return table["offset"] + table["size"] - table["entsize"]


def names_of_symtab(elf: Elf) -> int:
    return elf.sections()[elf.get("section", elf.section(SHT_SYMTAB))["link"]]


def name_outside(elf: Elf) -> None:
    elf.set("word", last_symbol(elf), value=elf.get("section", names_of_symtab(elf))["size"])


def name_cut(elf: Elf) -> None:
    """Ends the table one byte early, so that the zero of its last name is outside."""
    strings = names_of_symtab(elf)
    elf.set("section", strings, size=elf.get("section", strings)["size"] - 1)


def dynamic_name_outside(elf: Elf) -> None:
    symbols = elf.offset(elf.get("dynamic", elf.entry(DT_SYMTAB))["value"])
    elf.set("word", symbols + elf.get("section", elf.section(SHT_DYNSYM))["entsize"],
            value=elf.get("dynamic", elf.entry(DT_STRSZ))["value"])


OUTSIDE = "outside its string table"

LIBRARY_DAMAGE: dict[str, tuple[Damage, str]] = {
    "class": (lambda elf: elf.bytes.__setitem__(4, 9), "ELF class 9"),
    "byte-order": (lambda elf: elf.bytes.__setitem__(5, 0), "byte order 0"),
    "type": (set_header(type=77), "unknown type"),
    "core": (set_header(type=4), "core dump"),
    "segments-65534": (set_header(phnum=0xFFFE), "program header table"),
    "segments-past-end": (set_header(phoff=0x7FFFFFF0), "program header table"),
    "segments-odd-entries": (set_header(phentsize=3), "3 bytes long"),
    "segments-extended": (extended_count(info=0xFFFFFFFF), "program header"),
    "sections-65279": (set_header(shnum=0xFEFF), "section header table"),
    "sections-past-end": (set_header(shoff=0x7FFFFFF0), "section header table"),
    "sections-odd-entries": (set_header(shentsize=0xFFFF), "65535 bytes long"),
    "sections-extended": (extended_count(size=0xFFFFFFFF), "sections"),
    "loader-past-end": (set_segment(PT_DYNAMIC, type=PT_INTERP, offset=0x7FFFFFF0), "name of its loader"),
    "dynamic-past-end": (set_segment(PT_DYNAMIC, offset=0x7FFFFFF0), "dynamic section"),
    "dynamic-absurd": (set_segment(PT_DYNAMIC, filesz=0xFFFFFFF0), "dynamic section"),
    "dynamic-endless": (endless_dynamic, "dynamic section does not end"),
    "needs-ten-thousand": (needs_crowd, "needs over 4096 libraries"),
    "strings-nowhere": (set_entry(DT_STRTAB, 0xF0000000), "string table"),
    "strings-absurd": (set_entry(DT_STRSZ, 0xF0000000), "string table"),
    "strings-unterminated": (unterminated, "soname"),
    "soname-past-end": (set_entry(DT_SONAME, 0x00F00000), "soname"),
    "soname-wraps": (set_entry(DT_SONAME, 0xFFFFFFFF), "soname"),
    "runpath-past-end": (set_entry(DT_RUNPATH, 0x00F00000), "runpath"),
    "symbols-nowhere": (set_entry(DT_SYMTAB, 0xF0000000), "dynamic symbol table"),
    "hash-nowhere": (set_entry(DT_HASH, 0xF0000000), "hash table"),
    "hash-absurd": (set_word(DT_HASH, (1, 0xFFFFFFFF)), "dynamic symbol table"),
    "gnu-hash-nowhere": (without_sysv(set_entry(DT_GNU_HASH, 0xF0000000)), "GNU hash table"),
    "gnu-hash-buckets": (without_sysv(set_word(DT_GNU_HASH, (0, 0xFFFFFFFF))), "GNU hash table"),
    "gnu-hash-bloom": (without_sysv(set_word(DT_GNU_HASH, (2, 0xFFFFFFFF))), "GNU hash table"),
    "gnu-hash-first": (without_sysv(set_word(DT_GNU_HASH, (1, 0xFFFFFFFF))), "GNU hash table"),
    "symtab-past-end": (set_section(SHT_SYMTAB, offset=0x7FFFFFF0), "symbol table"),
    "symtab-absurd": (set_section(SHT_SYMTAB, size=0xFFFFFFF0), "symbol table"),
    "strtab-spells-the-family": (spell_family, "spells names of the family"),
    "symtab-no-strings": (set_section(SHT_SYMTAB, link=0xFFFF), "section header table has no entry 65535"),
    "symtab-name-outside": (name_outside, OUTSIDE),
    "symtab-name-cut": (name_cut, OUTSIDE),
    "dynsym-name-outside": (dynamic_name_outside, OUTSIDE),
    "strtab-past-end": (lambda elf: [elf.set("section", at, offset=0x7FFFFFF0) for at in elf.sections()
                                     if elf.get("section", at)["type"] == SHT_STRTAB], "string table"),
}


@pytest.mark.parametrize("name", LIBRARY_DAMAGE)
def test_damaged_library(shop: Shop, name: str) -> None:
    damage, said = LIBRARY_DAMAGE[name]
    victim = shop.library()
    damage(victim)
    assert_refused(shop.write(victim.bytes), said)


@pytest.mark.parametrize("kind", ["library", "object"])
def test_names_of_symbols_at_the_very_end(shop: Shop, kind: str) -> None:
    """The last byte of the table ends its last name and is itself an empty name. The byte after it is outside. This
    holds for both families."""
    victim = getattr(shop, kind)()
    end = victim.get("section", names_of_symtab(victim))["size"]
    victim.set("word", last_symbol(victim), value=end - 1)
    assert judge("--family", "rust-1.19", shop.write(victim.bytes)).returncode == 0
    victim.set("word", last_symbol(victim), value=end)
    for family in ("rust-1.19", "malloc"):
        assert_refused(shop.write(victim.bytes), OUTSIDE, family=family)
    archive = shop.write(b"!<arch>\n" + member(bytes(victim.bytes)), "damaged.a")
    assert_refused(archive, "x.o", OUTSIDE)


def test_controls_in_names_forge_nothing(shop: Shop) -> None:
    """A line feed and an escape sequence in the name of a library stay on the line of that name."""
    victim = shop.library()
    at = victim.bytes.index(b"victim.so\0")
    victim.bytes[at:at + 9] = b"v\nok\033[2Jx"
    done = judge("--family", "malloc", "--verbose", shop.write(victim.bytes))
    assert done.returncode == 1 and "v?ok?[2Jx" in done.stdout
    assert not [c for c in done.stdout + done.stderr if c < " " and c != "\n"]


# ---- libraries that need one another, or very many ----

def test_libraries_in_a_loop(shop: Shop) -> None:
    first = shop.build("libfirst.so", "-shared", "-Wl,-soname,libfirst.so")
    second = shop.build("libsecond.so", "-shared", "-Wl,-soname,libsecond.so", "-Wl,--no-as-needed", str(first),
                        "-Wl,-rpath,$ORIGIN")
    shop.build("libfirst.so", "-shared", "-Wl,-soname,libfirst.so", "-Wl,--no-as-needed", str(second),
               "-Wl,-rpath,$ORIGIN")
    done = judge("--family", "malloc", "--verbose", first)
    assert done.returncode == 1
    assert done.stdout.count("provides") == 2 and "libfirst.so -> libsecond.so" in done.stdout


def test_too_many_places_to_look_at(shop: Shop) -> None:
    """The library needs four thousand names, and each may be in two thousand directories."""
    runpath, names = b"/x:" * 1300 + b"\0", [b"%d\0" % i for i in range(4000)]
    places = itertools.accumulate(map(len, names[:-1]), initial=len(runpath))
    entries = [(DT_RUNPATH, 0), *((DT_NEEDED, place) for place in places)]
    assert_refused(shop.write(relink(shop.library(), runpath + b"".join(names), entries)), "places")


# ---- archives ----

def member(contents: bytes, name: bytes = b"x.o/", size: bytes | None = None, end: bytes = b"`\n") -> bytes:
    size = b"%d" % len(contents) if size is None else size
    return b"%-16s%-12s%-6s%-6s%-8s%-10s%-2s" % (name, b"0", b"0", b"0", b"644", size,
                                                 end) + contents + b"\n" * (len(contents) % 2)


ARCHIVES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no-member-header": (lambda o: b"!<arch>\nx.o/", "header of a member"),
    "cut-in-content": (lambda o: b"!<arch>\n" + member(o)[:-20], "content of a member"),
    "cut-in-second-header": (lambda o: b"!<arch>\n" + member(o) + member(o)[:30], "header of a member"),
    "size-no-number": (lambda o: b"!<arch>\n" + member(o, size=b"0x10"), "size that is no number"),
    "size-negative": (lambda o: b"!<arch>\n" + member(o, size=b"-1"), "size that is no number"),
    "size-empty": (lambda o: b"!<arch>\n" + member(o, size=b""), "size that is no number"),
    "size-absurd": (lambda o: b"!<arch>\n" + member(o, size=b"9999999999"), "content of a member"),
    "size-short": (lambda o: b"!<arch>\n" + member(o, size=b"10") + member(o), "x.o"),
    "header-ends-wrong": (lambda o: b"!<arch>\n" + member(o, end=b"xx"), "does not end like a member header"),
    "nested": (lambda o: b"!<arch>\n" + member(b"!<arch>\n" + member(o)), "archive within an archive"),
    "nested-thin": (lambda o: b"!<arch>\n" + member(b"!<thin>\n" + member(b"")), "archive within an archive"),
    "long-name-without-table": (lambda o: b"!<arch>\n" + member(o, b"/0"), "table of long names"),
    "long-name-past-table": (lambda o: b"!<arch>\n" + member(b"x/\n", b"//") + member(o, b"/77"),
                             "table of long names"),
    "long-name-endless": (lambda o: b"!<arch>\n" + member(b"x" * 4096, b"//") + member(o, b"/0"), "long name"),
    "long-name-no-number": (lambda o: b"!<arch>\n" + member(b"x/\n", b"//") + member(o, b"/99999999999999"),
                            "long names"),
    "bsd-name-too-long": (lambda o: b"!<arch>\n" + member(b"x", b"#1/900"), "longer than its content"),
    "damaged-object": (lambda o: b"!<arch>\n" + member(o[:70]), "x.o"),
    "other-platform": (lambda o: b"!<arch>\n" + member(o) + member(o[:18] + b"\x7b\x7b" + o[20:], b"y.o/"),
                       "another platform"),
    "thin-itself": (lambda o: b"!<thin>\n" + member(b"", b"damaged/"), "archive within an archive"),
    "thin-within-itself": (lambda o: b"!<thin>\n" + member(b"damaged/\n", b"//") + member(b"", b"/0:8"),
                           "is no plain archive"),
    "thin-within-nothing": (lambda o: b"!<thin>\n" + member(b"victim.o/\n", b"//") + member(b"", b"/0:8"),
                            "is no plain archive"),
    "thin-within-no-number": (lambda o: b"!<thin>\n" + member(b"victim.o/\n", b"//") + member(b"", b"/0:x"),
                              "no number"),
    "thin-missing": (lambda o: b"!<thin>\n" + member(b"", b"gone.o/"), "gone.o): cannot be read"),
    "thin-directory": (lambda o: b"!<thin>\n" + member(b"", b"./"), "no regular file"),
    "thin-fifo": (lambda o: b"!<thin>\n" + member(b"", b"fifo/"), "no regular file"),
    "thin-zero": (lambda o: b"!<thin>\n" + member(b"/dev/zero/\n", b"//") + member(b"", b"/0"), "no regular file"),
    "thin-multitude": (lambda o: b"!<thin>\n" + member(b"", b"victim.o/") * 5000, "define functions of the family"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_damaged_archive(shop: Shop, name: str) -> None:
    make, said = ARCHIVES[name]
    os.mkfifo(shop.scratch / "fifo")
    assert_refused(shop.write(make(bytes(shop.object().bytes))), said)


@pytest.mark.parametrize("place, said",
                         [(8, ""), (9, "does not end like a member header"), (1 << 30, "lies past its end")])
def test_member_within_another_archive(shop: Shop, place: int, said: str) -> None:
    """A thin archive gives the offset in the other archive: of a member, of no member, or past the end."""
    shop.write(b"!<arch>\n" + member(bytes(shop.object().bytes)), "inner.a")
    thin = shop.write(b"!<thin>\n" + member(b"inner.a/\n\n", b"//") + member(b"", b"/0:%d" % place))
    if said:
        assert_refused(thin, "(inner.a)", said)
    else:
        assert "damaged(inner.a(x.o))" in judge("--family", "malloc", "--verbose", thin).stdout


def test_sound_archives_are_judged(shop: Shop) -> None:
    """The functions above make archives that are judged, so each refusal is due to the damage alone."""
    contents = bytes(shop.object().bytes)
    for sound in (b"!<arch>\n" + member(contents), b"!<arch>\n" + member(b"long.o/\n", b"//") + member(contents, b"/0"),
                  b"!<arch>\n" + member(b"name.o" + contents, b"#1/6"), b"!<thin>\n" + member(b"", b"victim.o/")):
        done = judge("--family", "malloc", "--verbose", shop.write(sound))
        assert done.returncode in (0, 1) and "provides" in done.stdout, done


# ---- paths that name no regular file ----

def test_fifo_directory_and_device_are_not_waited_for(shop: Shop) -> None:
    os.mkfifo(shop.scratch / "fifo")
    assert_refused(shop.scratch / "fifo", "no regular file")
    assert_refused(pathlib.Path("/dev/zero"), "no regular file")
    assert_refused(shop.scratch / "none", "No such file")
    assert_refused(shop.write(b""), "is empty")
    assert_refused(shop.write(b"/* GNU ld script */ INPUT(-lc)"), "linker script")


# ---- holes of four gibibytes ----

def claim(victim: Elf, type: int, size: int) -> None:
    """Moves the sections of this type into the hole and makes them as large as the hole."""
    for at in victim.sections():
        if victim.get("section", at)["type"] == type:
            victim.set("section", at, offset=len(victim.bytes) + 4096, size=size)


@pytest.mark.parametrize("kind", ["library", "object"])
@pytest.mark.parametrize("type, size, said", [
    (SHT_STRTAB, SPARSE - (1 << 20), "string table claims"),
    (SHT_SYMTAB, SPARSE - (1 << 20), "symbol table claims"),
], ids=["strings", "symbols"])
def test_sparse_tables(shop: Shop, kind: str, type: int, size: int, said: str) -> None:
    victim = getattr(shop, kind)()
    claim(victim, type, size)
    assert_refused(shop.sparse(victim.bytes), said)


def test_sparse_tables_within_reason_are_read(shop: Shop) -> None:
    """Below the limit the zeros are read. They hold no symbol of the family and take no memory."""
    victim = shop.object()
    claim(victim, SHT_STRTAB, 1 << 30)
    done = judge("--family", "malloc", "--verbose", shop.sparse(victim.bytes))
    assert done.returncode == 0 and "provides" not in done.stdout, done


@pytest.mark.parametrize("fields", [{"size": 1 << 25}, {"info": 1 << 25}], ids=["sections", "segments"])
def test_sparse_headers(shop: Shop, fields: dict[str, int]) -> None:
    victim = shop.library()
    at = len(victim.bytes)
    victim.bytes += bytes(victim.size("section"))
    victim.set_header(shoff=at, shnum=1)
    extended_count(**fields)(victim)
    if "info" in fields:
        victim.set_header(phoff=at + 4096)
    assert_refused(shop.sparse(victim.bytes), "claims 33554432")


def test_sparse_hash_chain(shop: Shop) -> None:
    """The chain that counts the symbols begins in the hole, and so it never ends."""
    victim = shop.library()
    bloom = victim.get("word", victim.offset(victim.get("dynamic", victim.entry(DT_GNU_HASH))["value"]) + 8)["value"]
    bucket = 4 + bloom * victim.wide // 32
    without_sysv(set_word(DT_GNU_HASH, (0, 1), (bucket, 1 << 20)))(victim)
    assert_refused(shop.sparse(victim.bytes), "symbol table claims")


def test_sparse_archive(shop: Shop) -> None:
    assert_refused(shop.sparse(b"!<arch>\n" + member(bytes(shop.object().bytes))), "does not end like a member header")
    hole = b"!<arch>\n" + member(b"", size=b"%d" % (SPARSE - 68))
    assert_refused(shop.sparse(hole), "no ELF object in it")  # one member


def test_thin_archive_of_one_sparse_object(shop: Shop) -> None:
    victim = shop.object()
    claim(victim, SHT_STRTAB, 1 << 30)
    (shop.scratch / "victim.o").write_bytes(victim.bytes)
    os.truncate(shop.scratch / "victim.o", SPARSE)
    assert_refused(shop.write(b"!<thin>\n" + member(b"", b"victim.o/") * 1000), "over 4 GiB of symbols")
