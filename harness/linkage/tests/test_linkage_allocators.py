"""One allocator per artifact. Legal and illegal artifacts come in pairs that differ only in what the rule is about."""

import pytest
from workshop import ALLOCATOR, FIVE, SIX, SIXTH, calls, defines, hides, keeps, wants

TWO = "at-most-one single-definition"  # of two complete allocators, every function has a second definition too


# ---- at most one ----

def test_two_directly(shop, linkage):
    a, b = shop.library("liba.so", ALLOCATOR), shop.library("libb.so", ALLOCATOR)
    one = linkage.legal(shop.program("one", calls(*SIX), needs=[a]))
    assert one.providers() == ["liba.so"]
    two = linkage.illegal(shop.program("two", calls(*SIX), needs=[a, b]), TWO, "two allocators are linked together",
                          "liba.so (two -> liba.so)", "libb.so (two -> libb.so)")
    assert two.providers() == ["liba.so", "libb.so"]


def test_second_behind_a_dependency(shop, linkage):
    a, b = shop.library("liba.so", ALLOCATOR), shop.library("libb.so", ALLOCATOR)
    alone, behind = shop.library("libalone.so"), shop.library("libbehind.so", needs=[b])
    linkage.legal(shop.program("one", needs=[a, alone]))
    linkage.illegal(shop.program("two", needs=[a, behind]), TWO, "liba.so", "libb.so (two -> libbehind.so -> libb.so)")


@pytest.mark.parametrize("option, word", [("-f", "auxiliary"), ("-F", "filter")])
def test_second_behind_a_filter(shop, linkage, option, word):
    """glibc loads the libraries that DT_AUXILIARY and DT_FILTER name; the former only if it is there."""
    a, b, other = shop.library("liba.so", ALLOCATOR), shop.library("libb.so", ALLOCATOR), shop.library("libother.so")
    plain = shop.library("libplain.so", flags=[f"-Wl,{option},{other.name}"])
    filters = shop.library("libfilters.so", flags=[f"-Wl,{option},{b.name}"])
    linkage.legal(shop.program("one", needs=[a, plain]))
    linkage.illegal(shop.program("two", needs=[a, filters]), TWO, "two -> libfilters.so -> libb.so")
    b.unlink()
    if word == "auxiliary":
        linkage.legal(shop.path("two"))
    else:
        linkage.undecided(shop.path("two"), "at-most-one", "libb.so is needed (two -> libfilters.so) and not found")


def test_one_library_by_two_ways(shop, linkage):
    a, b = shop.library("liba.so", ALLOCATOR), shop.library("libb.so", ALLOCATOR)
    left, right = shop.library("libleft.so", needs=[a]), shop.library("libright.so", needs=[a])
    other = shop.library("libother.so", needs=[b])
    assert linkage.legal(shop.program("same", needs=[left, right])).providers() == ["liba.so"]
    linkage.illegal(shop.program("other", needs=[left, other]), TWO, "other -> libleft.so -> liba.so",
                    "other -> libother.so -> libb.so")


def test_copy_of_its_own(shop, linkage):
    """A program exports nothing unless asked to, but a copy that is linked into it is an allocator all the same."""
    a = shop.library("liba.so", ALLOCATOR)
    none = shop.library("libnone.so")
    assert linkage.legal(shop.program("own", ALLOCATOR, calls(*SIX), needs=[none])).providers() == ["own"]
    linkage.illegal(shop.program("both", ALLOCATOR, calls(*SIX), needs=[a]), TWO, "both and liba.so")


def test_copy_that_libraries_bind_to(shop, linkage):
    """A link editor exports the functions of a program that its libraries call. Here that is a part of the copy."""
    two, three = shop.library("libtwo.so", calls(*SIX[:2])), shop.library("libthree.so", calls("__rust_other"))
    linkage.legal(shop.program("shared", ALLOCATOR, needs=[two]))
    linkage.legal(shop.program("alone", ALLOCATOR, needs=[three]))


def test_copy_that_lacks_one(shop, linkage):
    """Five of the six are linked in, and only the static symbol table shows them. The sixth may be called or not."""
    whole = shop.library("libnone.so")
    quiet = shop.library("libquiet.so", calls(*FIVE))
    loud = shop.library("libloud.so", calls(*SIX))
    linkage.legal(shop.program("whole", ALLOCATOR, calls(*FIVE), needs=[quiet]))
    for number, name in enumerate(SIX):
        rest = [other for other in SIX if other != name]
        linkage.illegal(shop.program(f"lacks-{number}", defines(*rest), calls(*rest), needs=[whole]), "complete",
                        f"lacks {name}")
    linkage.illegal(shop.program("quiet", defines(*FIVE), calls(*FIVE), needs=[quiet]), "complete",
                    "lacks __rust_usable_size")
    linkage.illegal(shop.program("loud", defines(*FIVE), calls(*FIVE), needs=[loud]), "complete",
                    "loud defines __rust_allocate",
                    "lacks __rust_usable_size, and nobody else has it")


@pytest.mark.parametrize("how", [hides, keeps])
def test_library_that_keeps_five(shop, linkage, how):
    """A complete private copy is a library's own affair. Five of six are no allocator for anybody. A single function is
    a namesake."""
    linkage.legal(shop.library("libwhole.so", how(*SIX), calls("nothing_of_it")))
    linkage.illegal(shop.library("libfive.so", how(*FIVE), calls("nothing_of_it")), "complete", "libfive.so defines",
                    "lacks __rust_usable_size")
    linkage.legal(shop.library("libnamesake.so", how(SIXTH), calls("nothing_of_it")))
    linkage.legal(shop.program("app", calls(*SIX), needs=[shop.path("libfive.so"), shop.library("liba.so", ALLOCATOR)]))


def test_one_of_six_beside_the_others(shop, linkage):
    """A library that defines one function and takes the other five from another object is half a provider, not a
    namesake."""
    a = shop.library("liba.so", ALLOCATOR)
    linkage.legal(shop.library("libuser.so", calls(*SIX), needs=[a]))
    linkage.illegal(shop.library("libmixed.so", hides(SIXTH), calls(*FIVE), needs=[a]), "complete single-definition",
                    "libmixed.so defines")


@pytest.mark.parametrize("kind", ["dylib", "allocator"])
def test_library_that_shows_five(shop, linkage, kind):
    linkage.legal(shop.library("libsix.so", ALLOCATOR), "--kind", kind)
    linkage.illegal(shop.library("libfive.so", defines(*FIVE)), "complete", "lacks __rust_usable_size",
                    options=["--kind", kind])


@pytest.mark.parametrize("kind", ["staticlib", "rlib", "allocator"])
def test_archive_of_five(shop, linkage, kind):
    linkage.legal(shop.archive("libsix.a", {"six.o": ALLOCATOR}), "--kind", kind)
    linkage.illegal(shop.archive("libfive.a", {"five.o": defines(*FIVE)}), "complete", "lacks __rust_usable_size",
                    options=["--kind", kind])


def test_copy_of_which_unused_functions_were_dropped(shop, linkage):
    """rustc makes the link editor drop functions that nobody calls. The allocator was complete, and the dropped
    functions are not missed. A function that is called and absent is missed all the same."""
    rust = defines("rust_eh_personality") + calls("rust_eh_personality")
    quiet, loud = shop.library("libquiet.so", calls(*FIVE)), shop.library("libloud.so", calls(*SIX))
    dropped = linkage.legal(shop.program("dropped", defines(*FIVE), rust, calls(*FIVE), needs=[quiet]))
    dropped.notes("dropped has no __rust_usable_size, and nobody calls it")
    linkage.legal(shop.library("libdropped.so", hides(*FIVE), hides("rust_eh_personality"), calls(*FIVE)))
    linkage.illegal(shop.program("loud", defines(*FIVE), rust, calls(*FIVE), needs=[loud]), "complete", "loud defines")
    linkage.illegal(shop.library("libshown.so", defines(*FIVE), rust), "complete", "lacks __rust_usable_size")


def test_copy_dropped_beside_the_start_files(native, linkage):
    """The start files of glibc define a variable that nobody uses. When it is absent too, unused sections were
    dropped."""
    source = native.write("main.c", ALLOCATOR + "int main(void) { return __rust_allocate() != 0; }\n")
    five = native.write("five.c", defines(*FIVE) + "int main(void) { return __rust_allocate() != 0; }\n")
    native.tool("gcc", "-w", "-ffunction-sections", source, "-Wl,--gc-sections", "-o", "dropped")
    native.tool("gcc", "-w", "-ffunction-sections", five, "-o", "five")
    names = native.symbols("dropped")
    if "__data_start" in native.symbols("five"):
        assert SIXTH not in names and SIX[0] in names
        linkage.legal(native.path("dropped"), "--library-path", "").notes("nobody calls it")
    linkage.illegal(native.path("five"), "complete", "five defines", "lacks __rust_usable_size",
                    options=["--library-path", ""])


def test_exported_by_a_dependency(shop, linkage):
    """A private copy is the library's own affair; rustc builds a cdylib in this way."""
    a = shop.library("liba.so", ALLOCATOR)
    hidden, exported = shop.library("libhidden.so", hides(*SIX)), shop.library("libexported.so", ALLOCATOR)
    kept = linkage.legal(shop.program("kept", calls(*SIX), needs=[a, hidden]))
    assert kept.providers() == ["liba.so"]
    kept.notes("libhidden.so (kept -> libhidden.so) keeps all six of its own")
    linkage.illegal(shop.program("shown", calls(*SIX), needs=[a, exported]), TWO, "libexported.so")


def test_made_private_by_a_version_script(shop, linkage):
    script = shop.write("script", "{ local: __rust_*; };\n")
    a = shop.library("liba.so", ALLOCATOR)
    private = shop.library("libprivate.so", ALLOCATOR, flags=[f"-Wl,--version-script={script}"])
    public = shop.library("libpublic.so", ALLOCATOR)
    linkage.legal(shop.program("private", needs=[a, private])).notes("libprivate.so", "seen by nobody else")
    linkage.illegal(shop.program("public", needs=[a, public]), TWO, "libpublic.so")


def test_libraries_are_judged_too(shop, linkage):
    a, b = shop.library("liba.so", ALLOCATOR), shop.library("libb.so", ALLOCATOR)
    linkage.legal(shop.library("libone.so", needs=[a]))
    linkage.illegal(shop.library("libtwo.so", needs=[a, b]), TWO, "libtwo.so -> libb.so")


# ---- exactly one ----

def test_need_met(shop, linkage):
    a, none = shop.library("liba.so", ALLOCATOR), shop.library("libnone.so")
    met = linkage.legal(shop.program("met", calls(SIX[0]), needs=[a]))
    assert met.report["needs"]
    unmet = linkage.illegal(shop.program("unmet", calls(SIX[0]), needs=[none], lost=SIX), "exactly-one",
                            "unmet needs __rust_allocate",
                            f"the default would be {shop.platform.default}")
    assert unmet.report["default"] == shop.platform.default
    assert unmet.providers() == []


def test_need_of_a_dependency(shop, linkage):
    user = shop.library("libuser.so", calls(*SIX))
    a = shop.library("liba.so", ALLOCATOR)
    linkage.legal(shop.program("met", needs=[user, a]))
    linkage.illegal(shop.program("unmet", needs=[user]), "exactly-one",
                    "libuser.so (unmet -> libuser.so) needs all six")


def test_provider_far_away(shop, linkage):
    a, none = shop.library("liba.so", ALLOCATOR), shop.library("libnone.so")
    middle, empty = shop.library("libmiddle.so", needs=[a]), shop.library("libempty.so", needs=[none])
    linkage.legal(shop.program("met", calls(*SIX), needs=[middle]))
    linkage.illegal(shop.program("unmet", calls(*SIX), needs=[empty], lost=SIX), "exactly-one", "unmet needs all six")


def test_met_by_a_hidden_symbol_only(shop, linkage):
    protected = defines(*SIX, how='__attribute__((visibility("protected")))')
    shown, hidden = shop.library("libshown.so", protected), shop.library("libhidden.so", hides(*SIX))
    linkage.legal(shop.program("shown", calls(*SIX), needs=[shown]))
    linkage.illegal(shop.program("hidden", calls(*SIX), needs=[hidden], lost=SIX), "exactly-one",
                    "nothing that is linked provides it")


def test_weak_need(shop, linkage):
    """An undefined weak symbol is used if it is there."""
    none = shop.library("libnone.so")
    weak = linkage.legal(shop.program("weak", wants(SIX[0]), needs=[none], lost=SIX))
    assert not weak.report["needs"]
    linkage.illegal(shop.program("strong", calls(SIX[0]), needs=[none], lost=SIX), "exactly-one",
                    "strong needs __rust_allocate")


def test_need_of_a_library(shop, linkage):
    """A library whose calls are bound inside needs no other. If no allocator was chosen, a library of rustc 1.19 got
    that of the system."""
    private = linkage.legal(shop.library("libprivate.so", hides(*SIX), calls(*SIX)))
    assert not private.report["needs"]
    open_ = linkage.illegal(shop.library("libopen.so", calls(*SIX)), "exactly-one", "the default would be alloc_system")
    assert open_.report["kind"] == "dylib"


@pytest.mark.parametrize("shape", ["-pie", "-no-pie", "-static"])
def test_need_that_was_linked_to_nothing(shop, linkage, shape):
    """The link editor can be told to ignore the need, and then binds the call to 0. Only the static table may still
    hold the name."""
    none = [] if shape == "-static" else [shop.library("libnone.so")]
    flags = [shape, "-Wl,--emit-relocs"]
    linkage.legal(shop.program("met", ALLOCATOR, calls(*SIX), needs=none, flags=flags))
    linkage.legal(shop.program("weak", wants(*SIX), needs=none, flags=flags))
    nowhere = linkage.illegal(shop.program("nowhere", calls(SIX[0]), needs=none, flags=flags), "exactly-one",
                              "nowhere needs __rust_allocate",
                              "nothing that is linked provides it",
                              "it can no longer be chosen: this is linked already")
    assert nowhere.report["needs"]
    linkage.illegal(shop.program("sixth", defines(*FIVE), calls(*SIX), needs=none, flags=flags), "complete",
                    "lacks __rust_usable_size")


def test_plugin(shop, linkage):
    """A plugin leaves its needs to the program that opens it. It has no allocator of its own, and a dylib must have
    one."""
    linkage.legal(shop.library("libwith.so", calls(*SIX), needs=[shop.library("liba.so", ALLOCATOR)]))
    linkage.legal(shop.library("libwants.so", wants(*SIX)))
    linkage.illegal(shop.library("libplugin.so", calls(*SIX)), "exactly-one", "libplugin.so needs all six",
                    "can no longer be chosen")


def test_default_can_be_chosen_for_what_is_not_linked(shop, linkage):
    """An rlib and an object may still get an allocator. A static library is a final artifact and must already have
    one."""
    linkage.legal(shop.relocatable("user.o", calls(*SIX)))
    linkage.legal(shop.archive("libuser.rlib", {"user.o": calls(*SIX)}))
    static = linkage.illegal(shop.archive("libuser.a", {"user.o": calls(*SIX)}), "exactly-one",
                             "the default would be alloc_system")
    assert "no longer" not in static.text
    both = linkage.legal(shop.archive("libboth.a", {"six.o": ALLOCATOR}))
    assert "alloc_system                  is the default" in both.text
    linked = linkage.legal(shop.library("liba.so", ALLOCATOR))
    assert "alloc_system                  was the default when it was linked" in linked.text


def test_need_of_a_static_library(shop, linkage):
    both = linkage.legal(shop.archive("libboth.a", {"user.o": calls(*SIX), "allocator.o": ALLOCATOR}))
    assert both.report["kind"] == "staticlib"
    linkage.illegal(shop.archive("libuser.a", {"user.o": calls(*SIX)}), "exactly-one",
                    "libuser.a(user.o) needs all six",
                    "alloc_system")


# ---- an rlib: none or one ----

def test_rlib(shop, linkage):
    none = linkage.legal(shop.archive("libnone.rlib", {"user.o": calls(*SIX)}))
    assert (none.report["kind"], none.report["default"]) == ("rlib", None)
    one = linkage.legal(shop.archive("libone.rlib", {"user.o": calls(*SIX), "allocator.o": ALLOCATOR}))
    assert one.providers() == ["libone.rlib(allocator.o)"]
    linkage.illegal(shop.archive("libtwo.rlib", {"one.o": ALLOCATOR, "two.o": ALLOCATOR}), "rlib single-definition",
                    "libtwo.rlib(one.o) and libtwo.rlib(two.o)")


def test_object(shop, linkage):
    """An object is a part of a later link. Like an rlib, it need not have an allocator."""
    assert linkage.legal(shop.relocatable("user.o", calls(*SIX))).report["kind"] == "rlib"
    linkage.illegal(shop.relocatable("part.o", defines(*FIVE)), "complete", "part.o", "lacks __rust_usable_size")
    linkage.legal(shop.relocatable("whole.o", ALLOCATOR))


# ---- nothing that needs an allocator, in an allocator ----

def test_allocator_that_needs(shop, linkage):
    """An allocator that defines all six needs nothing. With five, it takes the sixth from another object."""
    linkage.legal(shop.library("libwhole.so", ALLOCATOR, calls(*SIX)), "--kind", "allocator")
    linkage.illegal(shop.library("libpart.so", defines(*FIVE), calls(SIXTH)), "complete no-circular",
                    "the allocator libpart.so itself needs an allocator: __rust_usable_size",
                    options=["--kind", "allocator"])


def test_allocator_that_depends_on_a_user(shop, linkage):
    user, plain = shop.library("libuser.so", calls(SIX[0])), shop.library("libplain.so")
    linkage.legal(shop.library("libgood.so", ALLOCATOR, needs=[plain]), "--kind", "allocator")
    linkage.illegal(shop.library("libbad.so", ALLOCATOR, needs=[user]), "no-circular", options=["--kind", "allocator"],
                    *["the allocator libbad.so cannot depend on what needs an allocator",
                      "libuser.so, which calls __rust_allocate (libbad.so -> libuser.so)"])


def test_user_at_depth_two(shop, linkage):
    user, plain = shop.library("libuser.so", calls(SIX[0])), shop.library("libplain.so")
    middle, harmless = shop.library("libmiddle.so", needs=[user]), shop.library("libharmless.so", needs=[plain])
    linkage.legal(shop.library("libgood.so", ALLOCATOR, needs=[harmless]), "--kind", "allocator")
    linkage.illegal(shop.library("libbad.so", ALLOCATOR, needs=[middle]), "no-circular",
                    "libbad.so -> libmiddle.so -> libuser.so",
                    options=["--kind", "allocator"])


def test_circle_seen_from_a_program(shop, linkage):
    """Both programs load the same three files. They differ only in which library needs which."""
    user = shop.library("libuser.so", calls(SIX[0]))
    free, bound = shop.library("libfree.so", ALLOCATOR), shop.library("libbound.so", ALLOCATOR, needs=[user])
    linkage.legal(shop.program("good", needs=[free, user]))
    linkage.illegal(shop.program("bad", needs=[bound, user]), "no-circular", "the allocator libbound.so",
                    "libbound.so -> libuser.so")


def test_allocator_that_is_none(shop, linkage):
    """A library without an allocator is incomplete when it is judged as one. The functions of a library that it needs
    count."""
    a = shop.library("liba.so", ALLOCATOR)
    linkage.legal(shop.library("libfront.so", needs=[a]), "--kind", "allocator")
    linkage.illegal(shop.library("libnone.so"), "complete",
                    "libnone.so defines none of an allocator's functions for others, expected all six",
                    options=["--kind", "allocator"])
    linkage.illegal(shop.library("libhidden.so", hides(*SIX)), "complete", "libhidden.so defines none",
                    options=["--kind", "allocator"])


# ---- stripped programs ----

def test_stripped_static_program(shop, linkage):
    linkage.legal(shop.program("whole", ALLOCATOR, calls(*SIX), flags=["-static"]))
    linkage.undecided(shop.stripped(shop.program("bare", ALLOCATOR, calls(*SIX), flags=["-static"])), "exactly-one",
                      "bare is static and stripped")


def test_stripped_dynamic_program(shop, linkage):
    """The dynamic table keeps the functions that others bind to. The program's private functions can no longer be
    seen."""
    a, b = shop.library("liba.so", ALLOCATOR), shop.library("libb.so", ALLOCATOR)
    one = linkage.legal(shop.stripped(shop.program("one", calls(*SIX), needs=[shop.stripped(a)])))
    one.notes("it is stripped: a copy that it keeps to itself could not be seen")
    linkage.illegal(shop.stripped(shop.program("two", calls(*SIX), needs=[a, shop.stripped(b)])), TWO, "libb.so")


def test_static_copy_without_a_need(shop, linkage):
    """A function of such a name that cannot be seen outside its own file is no allocator."""
    a = shop.library("liba.so", ALLOCATOR)
    linkage.legal(shop.relocatable("local.o", keeps(*FIVE)))
    linkage.legal(shop.program("user", calls(*SIX), needs=[a, shop.library("libkeeps.so", keeps(*FIVE))]))
    linkage.illegal(shop.relocatable("global.o", defines(*FIVE)), "complete", "global.o defines __rust_allocate")
