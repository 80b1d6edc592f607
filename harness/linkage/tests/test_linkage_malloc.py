"""The same rule for malloc: which objects replace it, how much of it, and how many."""

import pytest
from workshop import NOTHING, calls, defines, hides, keeps, wants

FOUR = ["malloc", "calloc", "realloc", "free"]
ALIGNED = ["aligned_alloc", "memalign", "posix_memalign", "pvalloc", "valloc"]
ALL = [*FOUR, *ALIGNED, "malloc_usable_size"]
TWO = "at-most-one single-definition"

# Each defines enough for the tests to tell it from the other by more than its name.
JEMALLOC = defines(*ALL, "mallocx", "rallocx", "dallocx", "mallctl")
TCMALLOC = defines(*ALL, "tc_malloc", "tc_free", "_Znwm", "_ZdlPv")


@pytest.fixture
def libc(shop):
    """For the rule, libc is the provider when no other was chosen, recognised by its soname."""
    return shop.library("libc.so.6", defines(*ALL, "__libc_malloc", "dlsym", "printf"))


# ---- one, or two ----

def test_default(shop, malloc, libc):
    """libc is the default. Beside a replacement it is no second allocator."""
    jemalloc = shop.library("libjemalloc.so.2", JEMALLOC, needs=[libc])
    default = malloc.legal(shop.program("default", calls(*FOUR), needs=[libc]))
    assert (default.providers(), default.report["default"], default.report["needs"]) == ([], "libc", True)
    assert [party["name"] for party in default.report["parties"] if party["role"] == "default"] == ["libc.so.6"]
    replaced = malloc.legal(shop.program("replaced", calls(*FOUR), needs=[jemalloc, libc]))
    assert replaced.providers() == ["libjemalloc.so.2"]


def test_two_replacements(shop, malloc, libc):
    jemalloc, tcmalloc = shop.library("libjemalloc.so.2", JEMALLOC), shop.library("libtcmalloc.so.4", TCMALLOC)
    unrelated = shop.library("libunrelated.so", calls(*FOUR))
    malloc.legal(shop.program("one", calls(*FOUR), needs=[jemalloc, unrelated, libc]))
    malloc.illegal(shop.program("two", calls(*FOUR), needs=[jemalloc, tcmalloc, libc]), TWO,
                   "two allocators are linked together",
                   "libjemalloc.so.2 (two -> libjemalloc.so.2) and libtcmalloc.so.4 (two -> libtcmalloc.so.4)")


def test_second_replacement_behind_a_library(shop, malloc, libc):
    jemalloc, tcmalloc = shop.library("libjemalloc.so.2", JEMALLOC), shop.library("libtcmalloc.so.4", TCMALLOC)
    same = shop.library("libsame.so", needs=[jemalloc, libc])
    other = shop.library("libother.so", needs=[tcmalloc, libc])
    malloc.legal(shop.program("same", calls(*FOUR), needs=[jemalloc, same, libc]))
    malloc.illegal(shop.program("other", calls(*FOUR), needs=[jemalloc, other, libc]), TWO,
                   "other -> libother.so -> libtcmalloc.so.4")


def test_linked_into_the_program(shop, malloc, libc):
    """A copy in the program is exported, because libc calls it. Another one beside it is a second allocator."""
    tcmalloc, none = shop.library("libtcmalloc.so.4", TCMALLOC), shop.library("libnone.so")
    assert malloc.legal(shop.program("one", JEMALLOC, calls(*FOUR), needs=[none, libc])).providers() == ["one"]
    malloc.illegal(shop.program("two", JEMALLOC, calls(*FOUR), needs=[tcmalloc, libc]), TWO, "two and libtcmalloc.so.4")


# ---- hidden ----

def test_hidden_beside_an_exported_one(shop, malloc, libc):
    """A library that keeps its own allocator beside libc's is its own affair. Beside a replacement for everybody, it is
    a second one."""
    jemalloc, none = shop.library("libjemalloc.so.2", JEMALLOC), shop.library("libnone.so")
    hider = shop.library("libhider.so", hides(*ALL), calls(*FOUR), needs=[libc])
    alone = malloc.legal(shop.program("alone", calls(*FOUR), needs=[none, hider, libc]))
    alone.notes("libhider.so (alone -> libhider.so) keeps all four and 6 more of its own, seen by nobody else")
    malloc.illegal(shop.program("beside", calls(*FOUR), needs=[jemalloc, hider, libc]), "at-most-one",
                   "libhider.so (beside -> libhider.so) hides an allocator of its own",
                   "libjemalloc.so.2 (beside -> libjemalloc.so.2) is the one for everybody else")


def test_a_function_called_free(shop, malloc, libc):
    """An allocator gives memory and takes it back. One private function of such a name is none."""
    jemalloc = shop.library("libjemalloc.so.2", JEMALLOC)
    one, pair = shop.library("libone.so", keeps("free", "calloc")), shop.library("libpair.so", keeps("free", "malloc"))
    malloc.legal(shop.program("one", calls(*FOUR), needs=[jemalloc, one, libc]))
    malloc.illegal(shop.program("pair", calls(*FOUR), needs=[jemalloc, pair, libc]), "at-most-one", "libpair.so")


def test_hidden_seen_in_the_static_table_only(shop, malloc, libc):
    jemalloc = shop.library("libjemalloc.so.2", JEMALLOC)
    hider = shop.library("libhider.so", hides(*ALL))
    program = shop.program("app", calls(*FOUR), needs=[jemalloc, hider, libc])
    assert not malloc.illegal(program, "at-most-one", "libhider.so").report["notes"][1:]
    shop.stripped(hider)
    malloc.legal(program).notes("1 of its libraries is stripped: an allocator kept there could not be seen")


# ---- a part ----

def test_half_a_replacement(shop, malloc, libc):
    whole = shop.library("libwhole.so", defines(*FOUR))
    half = shop.library("libhalf.so", defines("malloc", "calloc", "realloc"))
    malloc.legal(shop.program("whole", calls(*FOUR), needs=[whole, libc]))
    malloc.illegal(shop.program("half", calls(*FOUR), needs=[half, libc]), "complete",
                   "libhalf.so (half -> libhalf.so) defines malloc, calloc, realloc and lacks free",
                   "which come from libc.so.6 (half -> libc.so.6) instead")


def test_half_a_replacement_in_the_program(shop, malloc, libc):
    malloc.legal(shop.program("whole", defines(*FOUR), calls(*FOUR), needs=[libc]))
    malloc.illegal(shop.program("half", defines("malloc", "free"), calls(*FOUR), needs=[libc]), "complete",
                   "half defines malloc, free and lacks calloc, realloc")


def test_half_from_each(shop, malloc, libc):
    """The two libraries define all four functions together, but each block is freed by the wrong one."""
    give = shop.library("libgive.so", defines("malloc", "calloc"))
    take = shop.library("libtake.so", defines("realloc", "free"))
    both = shop.library("libboth.so", defines(*FOUR))
    malloc.legal(shop.program("both", calls(*FOUR), needs=[both, libc]))
    malloc.illegal(shop.program("halves", calls(*FOUR), needs=[give, take, libc]), "complete",
                   "libgive.so (halves -> libgive.so) defines malloc, calloc and lacks realloc, free",
                   "which come from libtake.so (halves -> libtake.so) instead",
                   "libtake.so (halves -> libtake.so) defines realloc, free")


@pytest.mark.parametrize("name", [*ALIGNED, "malloc_usable_size"])
def test_companion_left_to_libc(shop, malloc, libc, name):
    """The manual requires that a program does not use a function that is not replaced."""
    four = shop.library("libfour.so", defines(*FOUR))
    malloc.legal(shop.program("unused", calls(*FOUR), needs=[four, libc]))
    malloc.illegal(shop.program("used", calls(*FOUR, name), needs=[four, libc]), "complete",
                   f"libfour.so (used -> libfour.so) replaces malloc and free but not {name}, which used uses",
                   "memory of libc")


def test_companion_used_by_a_library(shop, malloc, libc):
    four = shop.library("libfour.so", defines(*FOUR))
    user = shop.library("libuser.so", calls("posix_memalign"), needs=[libc])
    five = shop.library("libfive.so", defines(*FOUR, "posix_memalign"))
    malloc.legal(shop.program("five", needs=[five, user, libc]))
    malloc.illegal(shop.program("four", needs=[four, user, libc]), "complete",
                   "which libuser.so (four -> libuser.so) uses")


@pytest.mark.parametrize("forward", ["dlsym", "dlvsym", "__libc_malloc"])
def test_calls_may_be_passed_on(shop, malloc, libc, forward):
    """A library that counts calls and passes them to libc is no second allocator, but no file shows whether it does."""
    tracer = shop.library("libtracer.so", defines("malloc", "free"), calls(forward))
    half = shop.library("libhalf.so", defines("malloc", "free"))
    malloc.undecided(shop.program("traced", calls(*FOUR), needs=[tracer, libc]), "complete", "libtracer.so",
                     "no file shows")
    malloc.illegal(shop.program("halved", calls(*FOUR), needs=[half, libc]), "complete", "libhalf.so")


def test_forwarding_leaves_a_second_allocator_one(shop, malloc, libc):
    """A finding that is open does not hide a violation."""
    jemalloc = shop.library("libjemalloc.so.2", JEMALLOC)
    whole = shop.library("libwhole.so", defines(*ALL), calls("dlsym", "mmap"))
    malloc.legal(shop.program("one", calls(*FOUR), needs=[whole, libc]))
    malloc.illegal(shop.program("two", calls(*FOUR), needs=[jemalloc, whole, libc]), TWO, "libwhole.so")


def test_a_whole_tracer_has_no_memory_of_its_own(shop, malloc, libc):
    """A library that replaces everything and takes nothing from the system passes on memory of the next allocator."""
    jemalloc = shop.library("libjemalloc.so.2", JEMALLOC)
    tracer = shop.library("libtracer.so", defines(*ALL), calls("dlsym"))
    malloc.legal(shop.program("one", calls(*FOUR), needs=[tracer, libc]))
    malloc.undecided(shop.program("two", calls(*FOUR), needs=[tracer, jemalloc, libc]), "single-definition",
                     "unless it passes calls on")


def test_tracer_in_front_of_another(shop, malloc, libc):
    """A library that counts calls may pass them to jemalloc as well as to libc, so this is open too."""
    jemalloc, tcmalloc = shop.library("libjemalloc.so.2", JEMALLOC), shop.library("libtcmalloc.so.4", TCMALLOC)
    tracer = shop.library("libtracer.so", defines("malloc", "free"), calls("dlsym"))
    half = shop.library("libhalf.so", defines("malloc", "free"))
    malloc.undecided(shop.program("traced", calls(*FOUR), needs=[tracer, jemalloc, libc]), "complete single-definition",
                     "libjemalloc.so.2 (traced -> libjemalloc.so.2) is a second definition of malloc, free",
                     "unless it passes calls on", "no file shows")
    malloc.illegal(shop.program("halved", calls(*FOUR), needs=[half, jemalloc, libc]), f"complete {TWO}", "libhalf.so")
    malloc.illegal(shop.program("three", calls(*FOUR), needs=[tracer, jemalloc, tcmalloc, libc]), f"complete {TWO}",
                   "libjemalloc.so.2 (three -> libjemalloc.so.2) and libtcmalloc.so.4 (three -> libtcmalloc.so.4)",
                   "libtcmalloc.so.4 (three -> libtcmalloc.so.4) is a second definition of all four, "
                   "behind libjemalloc.so.2")


def test_weak_need(shop, malloc, libc):
    """A weak reference asks whether the function is there; it is no use of it."""
    four = shop.library("libfour.so", defines(*FOUR))
    malloc.legal(shop.program("asks", wants("malloc_usable_size"), needs=[four, libc]))
    malloc.illegal(shop.program("uses", calls("malloc_usable_size"), needs=[four, libc]), "complete",
                   "malloc_usable_size")


# ---- static ----

def test_static_program(shop, malloc):
    """A static program lacks the functions that nobody calls. Without symbols, nothing shows whose malloc it has."""
    assert malloc.legal(shop.program("whole", defines("malloc", "free"), calls("malloc", "free"),
                                     flags=["-static"])).providers() == ["whole"]
    bare = shop.stripped(shop.program("bare", defines("malloc", "free"), calls("malloc", "free"), flags=["-static"]))
    malloc.undecided(bare, "exactly-one", "bare is static and stripped: nothing in it shows which allocator it has")


def test_static_library(shop, malloc):
    """The process that it becomes a part of provides what it needs. Two allocators of its own are two."""
    malloc.legal(shop.archive("libuser.a", {"user.o": calls(*FOUR)}))
    malloc.legal(shop.archive("libone.a", {"user.o": calls(*FOUR), "je.o": JEMALLOC}))
    malloc.illegal(shop.archive("libtwo.a", {"je.o": JEMALLOC, "tc.o": TCMALLOC}), TWO,
                   "libtwo.a(je.o) and libtwo.a(tc.o)")


def test_library_without_a_libc(shop, malloc, libc):
    """A library need not name libc, because the process has one. A program must name it."""
    malloc.legal(shop.library("libuser.so", calls(*FOUR)))
    none = shop.library("libnone.so")
    malloc.illegal(shop.program("nobody", calls(*FOUR), needs=[none], lost=FOUR), "exactly-one",
                   "nobody needs all four",
                   "the default would be libc")


# ---- as an allocator ----

def test_replacement_judged_as_one(shop, malloc, libc):
    """A replacement may call libc, whose malloc is the default. In this family that is no circle."""
    malloc.legal(shop.library("libjemalloc.so.2", JEMALLOC, calls("printf"), needs=[libc]), "--kind", "allocator")
    malloc.illegal(shop.library("libhalf.so", defines("malloc"), needs=[libc]), "complete",
                   "lacks calloc, realloc, free",
                   options=["--kind", "allocator"])
    malloc.illegal(shop.library("libnone.so", NOTHING, needs=[libc]), "complete", "libnone.so defines none",
                   options=["--kind", "allocator"])


def test_this_machines_own_libc(native, malloc):
    """It is found through the cache of the loader, and recognised by its soname alone."""
    machine = ["--library-path", "/nonexistent"]
    program = native.write("main.c",
                           "#include <stdlib.h>\nint main(void) { void *p = malloc(1); free(p); return p == 0; }\n")
    native.tool("gcc", program, "-o", native.path("main"))
    result = malloc.legal(native.path("main"), *machine)
    assert (result.providers(), result.report["needs"]) == ([], True)
    assert any(party["role"] == "default" and party["path"].startswith("main -> ")
               for party in result.report["parties"])
    half = native.library("libhalf.so", defines("malloc"))
    native.tool("gcc", program, half, "-o", native.path("halved"), "-Wl,-rpath,$ORIGIN")
    malloc.illegal(native.path("halved"), "complete", "libhalf.so", "instead", options=machine)
