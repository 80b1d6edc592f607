"""Complete and defined once: what the link editor and the loader take for a definition, and what only looks like
one."""

import pytest
from workshop import ALLOCATOR, FIVE, SIX, SIXTH, calls, defines, hides, wants

TWO = "at-most-one single-definition"


# ---- complete ----

def test_five_of_six(shop, linkage):
    six, five = shop.library("libsix.so", ALLOCATOR), shop.library("libfive.so", defines(*FIVE))
    linkage.legal(shop.program("whole", calls(*FIVE), needs=[six]))
    linkage.illegal(shop.program("lame", calls(*FIVE), needs=[five]), "complete",
                    "libfive.so (lame -> libfive.so) defines __rust_allocate, __rust_allocate_zeroed, "
                    "__rust_deallocate and 2 more and lacks __rust_usable_size, and nobody else has it")


def test_sixth_from_another_library(shop, linkage):
    """Every function is defined once, but a part of the allocator belongs to another object."""
    whole, empty = shop.library("libwhole.so", ALLOCATOR), shop.library("libempty.so")
    five, sixth = shop.library("libfive.so", defines(*FIVE)), shop.library("libsixth.so", defines(SIXTH))
    linkage.legal(shop.program("one", calls(*SIX), needs=[whole, empty]))
    linkage.illegal(shop.program("halves", calls(*SIX), needs=[five, sixth]), "complete",
                    "libfive.so (halves -> libfive.so)",
                    "lacks __rust_usable_size, which come from libsixth.so (halves -> libsixth.so) instead")


def test_split_over_members(shop, linkage):
    """The members of an archive are one provider."""
    split = {"five.o": defines(*FIVE), "sixth.o": defines(SIXTH)}
    linkage.legal(shop.archive("libsplit.a", split))
    linkage.illegal(shop.archive("libshort.a", {**split, "sixth.o": calls(SIXTH)}), "complete", "libshort.a(five.o)",
                    "lacks __rust_usable_size")


SIXTHS = {
    "ifunc": "static void *chosen(void) { return 0; }\nstatic void *choose(void) { return chosen; }\n"
             f"void *{SIXTH}(void) __attribute__((ifunc(\"choose\")));\n",
    "alias": "static void *twin(void) { return 0; }\n"
             f"extern __typeof(twin) {SIXTH} __attribute__((alias(\"twin\")));\n",
    "weak": defines(SIXTH, how="__attribute__((weak))"),
    "protected": defines(SIXTH, how='__attribute__((visibility("protected")))'),
    "untyped": f'__asm__(".text\\n.globl {SIXTH}\\n{SIXTH}: .long 0\\n");\n',
    "unique": f'{defines("body")}__asm__(".globl {SIXTH}\\n.type {SIXTH}, %function\\n.set {SIXTH}, body\\n");\n',
}


@pytest.mark.parametrize("kind", SIXTHS)
def test_a_function_in_any_form(shop, linkage, kind):
    linkage.legal(shop.library("libform.so", defines(*FIVE), SIXTHS[kind]))
    linkage.legal(shop.archive("libform.a", {"five.o": defines(*FIVE), "sixth.o": SIXTHS[kind]}))


NO_FUNCTIONS = {
    "data": f"void *{SIXTH} = &{SIXTH};\n",
    "bss": f"static int first; int {SIXTH}[100];\n",
    "common": f"__attribute__((common)) int {SIXTH};\n",
    "thread-local": f"__thread int {SIXTH} = 1;\n",
    "absolute": f'__asm__(".globl {SIXTH}\\n.set {SIXTH}, 42\\n");\n',
    "untyped-data": f'__asm__(".data\\n.globl {SIXTH}\\n{SIXTH}: .long 0\\n.previous\\n");\n',
}


@pytest.mark.parametrize("kind", NO_FUNCTIONS)
def test_no_function(shop, linkage, kind):
    words = "defines __rust_usable_size as data, expected functions"
    linkage.illegal(shop.library("libdata.so", defines(*FIVE), NO_FUNCTIONS[kind]), "complete", "libdata.so " + words)
    linkage.illegal(shop.archive("libdata.a", {"five.o": defines(*FIVE), "sixth.o": NO_FUNCTIONS[kind]}), "complete",
                    "libdata.a(sixth.o) " + words)


OUT_OF_SIGHT = {
    "static": f"__attribute__((used)) static void *{SIXTH}(void) {{ return 0; }}\n",
    "hidden": hides(SIXTH),
    "internal": defines(SIXTH, how='__attribute__((visibility("internal")))'),
    "undefined": wants(SIXTH),
}


@pytest.mark.parametrize("kind", OUT_OF_SIGHT)
def test_a_sixth_that_nobody_can_bind_to(shop, linkage, kind):
    linkage.legal(shop.library("libsix.so", ALLOCATOR))
    linkage.illegal(shop.library("libsix.so", defines(*FIVE), OUT_OF_SIGHT[kind]), "complete",
                    "lacks __rust_usable_size")


def test_hidden_in_an_archive(shop, linkage):
    """A hidden symbol cannot be seen by the loader, but the rest of the same link sees it."""
    linkage.legal(shop.archive("libhidden.a", {"five.o": defines(*FIVE), "sixth.o": hides(SIXTH)}))
    linkage.illegal(shop.archive("libstatic.a",
                                 {"five.o": defines(*FIVE), "sixth.o": OUT_OF_SIGHT["static"] + calls(SIX[0])}),
                    "complete",
                    "lacks __rust_usable_size")


# ---- versions ----

def versioned(shop, name, at):
    script = shop.write("V1.map", "V1 { global: __rust_*; local: body; };\n")
    sixth = defines("body") + f'__asm__(".symver body, {SIXTH}{at}V1");\n'
    return shop.library(name, defines(*FIVE), sixth, flags=[f"-Wl,--version-script={script}"])


def test_versions(shop, linkage):
    """Any object can bind to a default version ("@@"). Only objects that were linked with an old one ("@") can bind to
    that."""
    linkage.legal(versioned(shop, "libnew.so", "@@"))
    linkage.illegal(versioned(shop, "libold.so", "@"), "complete", "lacks __rust_usable_size",
                    "it defines some of them under an old version only, which nothing new binds to")


def test_old_version_meets_no_need(shop, linkage):
    new, old = versioned(shop, "libnew.so", "@@"), versioned(shop, "libold.so", "@")
    linkage.legal(shop.program("new", calls(SIXTH), needs=[new]))
    linkage.illegal(shop.program("old", calls(SIXTH), needs=[old], lost=[SIXTH]), "complete", "old -> libold.so",
                    "under an old version only")


# ---- once ----

def test_one_function_twice(shop, linkage):
    a = shop.library("liba.so", ALLOCATOR)
    empty = shop.library("libempty.so")
    usable = shop.library("libsize.so", defines(SIXTH))
    linkage.legal(shop.program("once", needs=[a, empty]))
    linkage.illegal(shop.program("twice", needs=[a, usable]), "complete single-definition",
                    "libsize.so (twice -> libsize.so) is a second definition of __rust_usable_size, "
                    "behind liba.so (twice -> liba.so)")


def test_second_copy_in_a_member(shop, linkage):
    other = {"allocator.o": ALLOCATOR, "other.o": defines("something_else") + calls(SIXTH)}
    linkage.legal(shop.archive("libonce.a", other))
    linkage.illegal(shop.archive("libtwice.a", {**other, "copy.o": defines(SIXTH)}), "single-definition",
                    "libtwice.a(copy.o) is a second definition of __rust_usable_size, behind libtwice.a(allocator.o)")


def test_weak_and_strong_in_an_archive(shop, linkage):
    """The link editor prefers the strong one."""
    weak = defines(*SIX, how="__attribute__((weak))")
    fallback = linkage.legal(shop.archive("libfallback.a", {"fallback.o": weak, "strong.o": ALLOCATOR}))
    fallback.notes("libfallback.a(fallback.o) defines all six weakly: a strong definition is preferred")
    linkage.illegal(shop.archive("libstrong.a", {"fallback.o": ALLOCATOR, "strong.o": ALLOCATOR}), TWO,
                    "libstrong.a(fallback.o) and libstrong.a(strong.o)")


def test_weak_ones_alone(shop, linkage):
    """When all definitions are weak, the link editor takes the first without a message. They are two allocators all the
    same."""
    weak = defines(*SIX, how="__attribute__((weak))")
    linkage.legal(shop.archive("libweak.a", {"one.o": weak, "user.o": calls(*SIX)}))
    linkage.illegal(shop.archive("libtwo.a", {"one.o": weak, "two.o": weak}), TWO,
                    "libtwo.a(one.o) and libtwo.a(two.o)")
    linkage.illegal(shop.archive("libtwo.rlib", {"one.o": weak, "two.o": weak}), "rlib single-definition",
                    "libtwo.rlib(one.o) and libtwo.rlib(two.o)")
    linkage.illegal(shop.archive("libpart.a", {"one.o": weak, "two.o": defines(SIXTH, how="__attribute__((weak))")}),
                    "single-definition",
                    "libpart.a(two.o) is a second definition of __rust_usable_size")


def test_weak_ones_beside_a_strong_one(shop, linkage):
    """The strong definition is taken, whatever weak ones there are. The link editor refuses two strong ones."""
    weak = defines(*SIX, how="__attribute__((weak))")
    linkage.legal(shop.archive("libstrong.a", {"one.o": weak, "two.o": weak, "strong.o": ALLOCATOR}))
    linkage.illegal(shop.archive("libmixed.a", {"weak.o": weak, "one.o": ALLOCATOR, "two.o": defines(SIXTH)}),
                    "single-definition",
                    "libmixed.a(two.o) is a second definition of __rust_usable_size, behind libmixed.a(one.o)")


def test_weak_and_strong_in_libraries(shop, linkage):
    """The loader ignores weakness and takes the first definition in its order."""
    weak = shop.library("libweak.so", defines(*SIX, how="__attribute__((weak))"))
    strong = shop.library("libstrong.so", ALLOCATOR)
    linkage.legal(shop.program("alone", calls(*SIX), needs=[weak]))
    linkage.illegal(shop.program("both", calls(*SIX), needs=[weak, strong]), TWO, "libweak.so", "libstrong.so")


def grouped(*names):
    """Compiles the functions as C++ compilers compile definitions in a header: in a COMDAT group."""
    return "".join(f'__asm__(".section .text.{name},\\"axG\\",%progbits,{name},comdat\\n.weak {name}\\n'
                   f'.type {name}, %function\\n{name}: .long 0\\n.text\\n");\n' for name in names)


def test_a_group_in_two_members(shop, linkage):
    """The link editor keeps one of the groups of the same name, and drops the others without a message."""
    linkage.legal(shop.archive("libgroups.a", {"one.o": grouped(*SIX), "two.o": grouped(*SIX)}))
    linkage.illegal(shop.archive("libstrong.a", {"one.o": ALLOCATOR, "two.o": ALLOCATOR}), TWO, "libstrong.a(two.o)")


def test_twice_in_one_library(shop, linkage):
    """A default version and an old version of one name are a single definition for new links."""
    script = shop.write("V2.map", "V1 { global: __rust_*; local: *; };\nV2 { } V1;\n")
    both = defines("old", "new") + f'__asm__(".symver old, {SIXTH}@V1");\n__asm__(".symver new, {SIXTH}@@V2");\n'
    linkage.legal(shop.library("libversions.so", defines(*FIVE), both, flags=[f"-Wl,--version-script={script}"]))


# ---- how the table is found ----

@pytest.mark.parametrize("style", ["sysv", "gnu", "both"])
def test_hash_tables(shop, linkage, style):
    """The loader counts the symbols by the hash tables and uses no sections."""
    flags = [f"-Wl,--hash-style={style}"]
    linkage.legal(shop.headless(shop.library("libsix.so", ALLOCATOR, calls("a", "b", "c"), flags=flags)))
    linkage.illegal(shop.headless(shop.library("libfive.so", defines(*FIVE), calls("a", "b", SIXTH), flags=flags)),
                    "complete",
                    "libfive.so", "lacks __rust_usable_size")


@pytest.mark.parametrize("style", ["sysv", "gnu"])
def test_needs_without_sections(shop, linkage, style):
    """The GNU hash table of a file that exports nothing counts no symbols."""
    flags = [f"-Wl,--hash-style={style}"]
    linkage.legal(shop.headless(shop.library("libquiet.so", calls("a", "b", "c"), flags=flags)))
    linkage.illegal(shop.headless(shop.library("libuser.so", calls("a", "b", "c", SIX[0]), flags=flags)), "exactly-one",
                    "libuser.so needs __rust_allocate")


def test_sections_stripped_away(shop, linkage):
    a, b = shop.headless(shop.library("liba.so", ALLOCATOR)), shop.library("libb.so", ALLOCATOR)
    one = shop.program("one", calls(*SIX), needs=[a])
    two = shop.program("two", calls(*SIX), needs=[a, b])
    linkage.legal(shop.headless(one))
    shop.headless(b)
    linkage.illegal(shop.headless(two), TWO, "liba.so", "libb.so")


def test_names_that_share_tails(shop, linkage):
    """Link editors store a name as the end of a longer one, as in "un__rust_allocate". Neither may be taken for the
    other."""
    longer = defines("un__rust_allocate", "__rust_allocate_zeroed_all", "my__rust_deallocate")
    linkage.legal(shop.library("libsix.so", ALLOCATOR, longer, flags=["-Wl,-O2"]))
    other = linkage.legal(shop.library("libother.so", longer, flags=["-Wl,-O2"]))
    assert other.report["parties"] == []
    five = linkage.illegal(shop.library("libfive.so", defines(*SIX[1:]), longer, flags=["-Wl,-O2"]), "complete",
                           "lacks __rust_allocate,")
    assert five.providers() == ["libfive.so"]
