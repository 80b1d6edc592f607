"""The special cases of malloc: libc hands out memory of it, has one of its own, and takes part in the search order."""

import pytest
from workshop import calls, defines, hides, keeps

FOUR = ["malloc", "calloc", "realloc", "free"]
SHOULD = ["aligned_alloc", "malloc_usable_size", "memalign", "posix_memalign", "pvalloc", "valloc"]
GIVES = ["strdup", "strndup", "wcsdup", "asprintf", "vasprintf", "getline", "getdelim", "open_memstream",
         "open_wmemstream", "scandir",
         "tempnam", "canonicalize_file_name", "get_current_dir_name", "backtrace_symbols", "__strdup", "__asprintf_chk"]
MAY_GIVE = ["realpath", "getcwd"]
SYMBOLIC = ("-Wl,-Bsymbolic",)
OWN = hides("malloc", "free") + calls("malloc", "free")


@pytest.fixture
def libc(shop):
    return shop.library("libc.so.6", defines(*FOUR, *SHOULD, "__libc_malloc", "dlsym", *GIVES, *MAY_GIVE))


# ---- memory that libc hands out ----

@pytest.mark.parametrize("name", GIVES)
def test_memory_of_libc_meets_a_free_that_libc_does_not_see(native, malloc, name):
    """The program's malloc is hidden, so libc calls its own, while the program has only the hidden free."""
    libc = native.library("libc.so.6", defines(*FOUR, *SHOULD, *GIVES))
    malloc.illegal(native.program("hidden", OWN, calls(name), needs=[libc]), "at-most-one",
                   f"hidden keeps malloc and free to itself, so that libc does not see them, and calls {name}")


def test_memory_of_libc_meets_a_free_that_libc_sees(shop, malloc, libc):
    """When the program exports its malloc, libc uses it too. Without such a function of libc, no block is mixed up."""
    exported = defines(*FOUR) + calls(*FOUR)
    malloc.legal(shop.program("exported", exported, calls("strdup", "asprintf"), needs=[libc]))
    malloc.legal(shop.program("nothing", OWN, calls("dlopen"), needs=[libc]))
    malloc.legal(shop.program("own", OWN, hides("strdup") + calls("strdup"), needs=[libc]))
    malloc.illegal(shop.program("hidden", OWN, calls("strdup", "asprintf"), needs=[libc]), "at-most-one",
                   "calls strdup, asprintf")


def test_memory_of_libc_goes_back_to_libc(shop, malloc, libc):
    """A private function called free takes no blocks of others: the rest of the program calls libc's."""
    private = keeps("malloc", "free")
    malloc.legal(shop.program("private", private, calls("strdup", "free"),
                              needs=[libc])).notes("private keeps malloc, free of its own")


@pytest.mark.parametrize("name", MAY_GIVE)
def test_memory_of_the_callers(shop, malloc, libc, name):
    """realpath and getcwd write into the caller's buffer when there is one."""
    malloc.undecided(shop.program("asks", OWN, calls(name), needs=[libc]), "at-most-one", f"calls {name}",
                     "which no file shows")


def test_memory_of_libc_may_be_freed_by_others(shop, malloc, libc):
    """An object can ask the loader for libc's free and use it. A library may tell its callers to free the memory that
    it returns."""
    malloc.undecided(shop.program("asks", OWN, calls("strdup", "dlsym"), needs=[libc]), "at-most-one",
                     "unless other code frees it")
    library = shop.library("libhands.so", OWN, calls("strdup"), needs=[libc])
    malloc.undecided(library, "at-most-one", "libhands.so keeps malloc and free to itself")
    malloc.undecided(shop.program("user", calls("free"), needs=[library, libc]), "at-most-one",
                     "libhands.so (user -> libhands.so) keeps")
    malloc.legal(shop.library("libown.so", OWN, needs=[libc]))


def test_hidden_beside_a_replacement(shop, malloc, libc):
    """This is a second allocator, whatever it calls, and it is reported once."""
    heap = shop.library("libheap.so", defines(*FOUR, *SHOULD))
    hides_own = shop.library("libhands.so", OWN, calls("strdup"), needs=[libc])
    judged = malloc.illegal(shop.program("app", calls(*FOUR), needs=[heap, hides_own, libc]), "at-most-one",
                            "hides an allocator of its own")
    assert len(judged.report["findings"]) == 1


def test_bound_to_itself(shop, malloc, libc):
    """With -Bsymbolic, a library behind libc in the search order still calls its own functions, and no other object
    does."""
    name, parts = "libplug.so", [defines(*FOUR, *SHOULD) + calls(*FOUR, "strdup")]
    plug = shop.library(name, *parts, needs=[libc], flags=SYMBOLIC)
    malloc.undecided(shop.program("behind", calls(*FOUR), needs=[libc, plug]), "at-most-one",
                     "libplug.so (behind -> libplug.so) keeps")
    malloc.legal(shop.program("before", calls(*FOUR), needs=[plug, libc]))
    plain = shop.library(name, *parts, needs=[libc])
    malloc.legal(shop.program("plain", calls(*FOUR), needs=[libc, plain]))


# ---- libc's own malloc in a static program ----

HEAP = defines(*FOUR) + calls(*FOUR)
ALIAS = "\nextern void *__libc_malloc(void) __attribute__((alias(\"malloc\")));\n"


def static(shop, name, *parts):
    return shop.program(name, *parts, flags=["-static"])


def test_two_in_a_static_program(shop, malloc):
    """glibc's malloc has two names. When their addresses differ, another definition has the first name."""
    # functions that nobody calls are not linked in
    assert malloc.legal(static(shop, "replaced", HEAP)).report["notes"] == []
    malloc.legal(static(shop, "glibc", HEAP + keeps("_int_malloc") + ALIAS))
    malloc.illegal(static(shop, "both", HEAP, defines("__libc_malloc") + keeps("_int_malloc")), "at-most-one",
                   "both holds libc's own malloc beside another one: malloc is at 0x", "and __libc_malloc at 0x")


def test_two_names_apart_that_are_one_allocator(shop, malloc):
    """In musl, each is a function that calls the same third one. Other libraries may do the same."""
    malloc.legal(static(shop, "musl", HEAP, defines("__libc_malloc", "__libc_malloc_impl")))
    malloc.undecided(static(shop, "other", HEAP, defines("__libc_malloc")), "at-most-one", "unless one calls the other")


# ---- without effect ----

def test_behind_libc(shop, malloc, libc):
    """The loader takes libc's functions, so the replacement has no effect, whatever it lacks."""
    heap, old = shop.library("libheap.so", defines(*FOUR, *SHOULD)), shop.library("libold.so", defines(*FOUR))
    assert malloc.legal(shop.program("effect", calls(*FOUR, *SHOULD), needs=[heap, libc])).report["notes"] == []
    for library in (heap, old):
        judged = malloc.legal(shop.program("none", calls(*FOUR, *SHOULD), needs=[libc, library]))
        judged.notes(f"{library.name} (none -> {library.name}) stands behind libc.so.6",
                     "the replacement has no effect")
        assert judged.providers() == []
        assert "stands behind libc.so.6" in judged.text
    malloc.illegal(shop.program("old", calls(*FOUR, *SHOULD), needs=[old, libc]), "complete",
                   "but not aligned_alloc, which old uses")


def test_behind_libc_and_another(shop, malloc, libc):
    """Two replacements were linked. The search order makes one of them idle, but does not say which one was meant."""
    one, two = shop.library("libone.so", defines(*FOUR, *SHOULD)), shop.library("libtwo.so", defines(*FOUR, *SHOULD))
    malloc.illegal(shop.program("two", calls(*FOUR), needs=[one, libc, two]), "at-most-one single-definition",
                   "libone.so", "libtwo.so")


# ---- without companions ----

def test_incomplete_alone(shop, malloc, libc):
    """The users of the replacement are not known, so all the functions that it lacks are listed."""
    malloc.legal(shop.library("libwhole.so", defines(*FOUR, *SHOULD), needs=[libc]))
    malloc.legal(shop.library("libuser.so", calls(*FOUR), needs=[libc]))
    malloc.undecided(shop.library("libfour.so", defines(*FOUR), needs=[libc]), "complete",
                     f"libfour.so is incomplete: it replaces malloc and free but not {', '.join(SHOULD)}, and")
    malloc.undecided(shop.library("libold.so", defines(*FOUR, *SHOULD[1:]), needs=[libc]), "complete",
                     "but not aligned_alloc, and",
                     options=["--kind", "allocator"])
    malloc.undecided(shop.archive("libold.a", {"heap.o": defines(*FOUR), "more.o": defines(*SHOULD[1:])}), "complete",
                     "not aligned_alloc, and")
    halves = shop.archive("libhalves.a", {"one.o": defines("malloc", "calloc"), "two.o": defines("realloc", "free")})
    assert len(malloc.undecided(halves, "complete", f"but not {', '.join(SHOULD)}, and").report["findings"]) == 1
    malloc.legal(shop.archive("libwhole.a", {"heap.o": defines(*FOUR), "more.o": defines(*SHOULD)}))


def test_incomplete_in_a_program(shop, malloc, libc):
    """The replacement has all the functions that the program uses. The rest is worth a note."""
    four = shop.library("libfour.so", defines(*FOUR))
    malloc.legal(shop.program("app", calls(*FOUR), needs=[four, libc])).notes(
        f"libfour.so (app -> libfour.so) is incomplete: it replaces malloc and free but not {', '.join(SHOULD)}")
    malloc.legal(shop.program("own", defines(*FOUR) + calls(*FOUR), needs=[libc])).notes("own is incomplete")


def test_wrapper_alone(shop, malloc, libc):
    """A wrapper that passes calls on to the next malloc lacks nothing: the functions that it does not wrap come from
    there too."""
    malloc.legal(shop.library("libwrap.so", defines(*FOUR, "aligned_alloc"), calls("dlsym"),
                              needs=[libc])).notes("libwrap.so is incomplete")
    malloc.undecided(shop.library("libheap.so", defines(*FOUR, "aligned_alloc"), calls("mmap"), needs=[libc]),
                     "complete", "libheap.so")
