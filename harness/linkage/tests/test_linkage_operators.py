"""C++'s operators new and delete: the one that gives memory and the one that takes it back are replaced together or not
at all."""

import pytest
from workshop import calls, defines, hides, keeps

TWO = "which comes from libstdc++.so.6"
AL, NOTHROW = "St11align_val_t", "RKSt9nothrow_t"
SYMBOLIC = ("-Wl,-Bsymbolic",)


class Operators:
    """The names of the operators for a platform's size_t."""

    def __init__(self, letter):
        self.new, self.new_array = "_Znw" + letter, "_Zna" + letter
        self.delete, self.delete_array = "_ZdlPv", "_ZdaPv"
        self.sized, self.sized_array = "_ZdlPv" + letter, "_ZdaPv" + letter
        self.aligned_new, self.aligned_delete = "_Znw" + letter + AL, "_ZdlPv" + AL
        self.plain = [self.new, self.delete]
        self.aligned = [self.aligned_new, self.aligned_delete]
        givers, takers = [self.new, self.new_array], [self.delete, self.delete_array]
        sized = [self.sized, self.sized_array]
        self.all_plain = [*givers, *takers, *sized, *(name + NOTHROW for name in givers + takers)]
        self.all_aligned = [name + AL for name in givers + takers + sized]
        self.all_aligned += [name + AL + NOTHROW for name in givers + takers]
        self.all = self.all_plain + self.all_aligned


@pytest.fixture
def op(shop):
    return Operators("m" if shop.platform.name in ("native", "s390x") else "j")


@pytest.fixture
def runtime(shop, op):
    """For the rule, the C++ library is the provider when no operator was replaced, recognised by its soname."""
    return shop.library("libstdc++.so.6", defines(*op.all), calls("malloc", "free"))


def test_default(shop, cxx, op, runtime):
    judged = cxx.legal(shop.program("default", calls(*op.all), needs=[runtime]))
    assert (judged.providers(), judged.report["default"], judged.report["needs"]) == ([], "the C++ library", True)
    cxx.legal(shop.program("c", needs=[shop.library("libnone.so")]))
    cxx.legal(runtime)


def test_half(shop, cxx, op, runtime):
    """A block of one maker is passed to another's operator delete, in either direction."""
    whole, half = shop.library("libwhole.so", defines(*op.plain)), shop.library("libhalf.so", defines(op.new))
    taker = shop.library("libtaker.so", defines(op.delete))
    user = calls(op.new, op.sized)
    cxx.legal(shop.program("whole", user, needs=[whole, runtime]))
    judged = cxx.illegal(shop.program("half", user, needs=[half, runtime]), "complete", TWO,
                         "libhalf.so (half -> libhalf.so) replaces operator new(size_t) "
                         "but not operator delete(void *)")
    # arrays get no second finding, because their default operators call these
    assert len(judged.report["findings"]) == 1
    cxx.illegal(shop.program("taker", user, needs=[taker, runtime]), "complete", TWO,
                "libtaker.so (taker -> libtaker.so) replaces operator delete(void *) but not operator new(size_t)")


def test_half_alone(shop, cxx, op, runtime):
    """A replacement alone can be a half, and so can a program alone."""
    cxx.legal(shop.library("libwhole.so", defines(*op.plain), needs=[runtime]))
    cxx.illegal(shop.library("libhalf.so", defines(op.new), needs=[runtime]), "complete",
                "libhalf.so replaces operator new(size_t)")
    cxx.illegal(shop.library("libalone.so", defines(op.new)), "complete", "which comes from the C++ library")
    cxx.legal(shop.program("whole", defines(*op.plain) + calls(*op.plain), needs=[runtime]))
    cxx.illegal(shop.program("half", defines(op.new) + calls(*op.plain), needs=[runtime]), "complete",
                "half replaces operator new(size_t)")


def test_half_from_each(shop, cxx, op, runtime):
    give, take = shop.library("libgive.so", defines(op.new)), shop.library("libtake.so", defines(op.delete))
    cxx.illegal(shop.program("two", calls(*op.plain), needs=[give, take, runtime]), "complete",
                "libgive.so (two -> libgive.so) replaces operator new(size_t) but not operator delete(void *), "
                "which comes from libtake.so (two -> libtake.so)")


def test_default_operators_call_the_replaced_ones(shop, cxx, op, runtime):
    """The operators for arrays, those with a size and those that do not throw need no replacement of their own."""
    for name, replaced in {"two": op.plain, "all": op.all_plain, "array": [*op.plain, op.new_array],
                           "sized": [*op.plain, op.sized],
                           "every": op.all}.items():
        cxx.legal(shop.program(name, calls(*op.all),
                               needs=[shop.library(f"lib{name}.so", defines(*replaced)), runtime]))


@pytest.mark.parametrize("given", ["new_array", "new_nothrow"])
def test_one_of_the_derived_operators(shop, cxx, op, runtime, given):
    """Such an operator, when it is replaced alone, gives memory that the default operator delete takes."""
    name = op.new_array if given == "new_array" else op.new + NOTHROW
    cxx.illegal(shop.program("alone", calls(*op.all), needs=[shop.library("libalone.so", defines(name)), runtime]),
                "complete", TWO)
    cxx.legal(shop.program("with", calls(*op.all),
                           needs=[shop.library("libwith.so", defines(name, *op.plain)), runtime]))


def test_aligned_are_a_pair_of_their_own(shop, cxx, op, runtime):
    """The default aligned operators take their memory from aligned_alloc, whoever has replaced the plain ones."""
    cxx.legal(shop.program("plain", calls(*op.all),
                           needs=[shop.library("libplain.so", defines(*op.all_plain)), runtime]))
    cxx.legal(shop.program("aligned", calls(*op.all),
                           needs=[shop.library("libaligned.so", defines(*op.aligned)), runtime]))
    half = shop.library("libhalf.so", defines(*op.all_plain, op.aligned_new))
    cxx.illegal(shop.program("half", calls(*op.all), needs=[half, runtime]), "complete",
                "replaces operator new(size_t, align_val_t)")


def test_nothing_goes_back(shop, cxx, op):
    """A program without any operator delete gives no block back. One without any operator new has none to delete."""
    none = shop.library("libnone.so")
    cxx.legal(shop.program("keeps", defines(op.new), calls(op.new), needs=[none]))
    cxx.legal(shop.program("virtual", defines(op.sized), calls(op.sized), needs=[none]))
    # these make the program export its own operators
    user, both = shop.library("libuser.so", calls(op.new)), shop.library("libboth.so", calls(*op.plain))
    cxx.legal(shop.program("exports", defines(op.new), calls(op.new), needs=[user]))
    cxx.illegal(shop.program("returns", defines(op.new), calls(op.new), needs=[both]), "complete",
                "returns replaces operator new(size_t)")


def test_calls_may_be_passed_on(shop, cxx, op, runtime):
    """The default other half gives and takes memory of malloc. A sized operator may call the one without a size."""
    counter = shop.library("libcounter.so", defines(op.new), calls("malloc"))
    pool = shop.library("libpool.so", defines(op.new))
    cxx.undecided(shop.program("counts", calls(*op.plain), needs=[counter, runtime]), "complete", "which no file shows")
    cxx.illegal(shop.program("pools", calls(*op.plain), needs=[pool, runtime]), "complete", "libpool.so")
    shim = shop.library("libshim.so", defines(op.sized), calls(op.delete))
    own = shop.library("libown.so", defines(op.sized))
    cxx.undecided(shop.program("shim", calls(op.new, op.sized), needs=[shim, runtime]), "complete",
                  "unless it passes calls on")
    cxx.illegal(shop.program("own", calls(op.new, op.sized), needs=[own, runtime]), "complete",
                "operator delete(void *, size_t)")
    # a library that calls the other half passes no call on
    user = shop.library("libuser.so", defines(op.new), calls(op.delete))
    cxx.illegal(shop.program("user", calls(op.new), needs=[user, runtime]), "complete", "libuser.so")


def test_two_replacements(shop, cxx, op, runtime):
    """The first replacement in the search order gets all calls, except from a library that is bound to its own
    operators."""
    one, two = shop.library("libone.so", defines(*op.plain)), shop.library("libtwo.so", defines(*op.plain))
    bound = shop.library("libbound.so", defines(*op.plain), flags=SYMBOLIC)
    cxx.legal(shop.program("two", calls(*op.plain),
                           needs=[one, two, runtime])).notes("libtwo.so (two -> libtwo.so) stands behind libone.so")
    cxx.illegal(shop.program("bound", calls(*op.plain), needs=[one, bound, runtime]), "at-most-one", "libbound.so",
                "(-Bsymbolic)")
    cxx.legal(shop.program("first", calls(*op.plain), needs=[bound, runtime]))
    cxx.legal(shop.program("behind", calls(*op.plain),
                           needs=[runtime, one])).notes("libone.so (behind -> libone.so) stands behind libstdc++")


def test_archive(shop, cxx, op):
    """The members of an archive are linked together. An object alone may find its other half in a later link."""
    cxx.legal(shop.archive("libwhole.a",
                           {"new.o": defines(op.new), "delete.o": defines(op.delete), "user.o": calls(*op.all)}))
    cxx.illegal(shop.archive("libhalf.a", {"new.o": defines(op.new), "user.o": calls(op.new, op.delete)}), "complete",
                "libhalf.a replaces operator new(size_t) but not operator delete(void *), "
                "which comes from the C++ library")
    cxx.undecided(shop.relocatable("new.o", defines(op.new)), "complete", "new.o", "the rest is still to be linked")
    cxx.undecided(shop.archive("libtaker.a", {"delete.o": defines(op.delete)}), "complete",
                  "libtaker.a replaces operator delete(void *)")
    cxx.undecided(shop.archive("libcounts.a", {"new.o": defines(op.new) + calls("malloc")}), "complete",
                  "unless it passes calls on")
    # it calls no operator of another maker
    both = {"new.o": defines(op.new), "array.o": defines(op.new_array) + calls(op.new)}
    judged = cxx.illegal(shop.archive("libboth.a", both), "complete", "libboth.a replaces operator new[](size_t)")
    assert not any(finding["open"] for finding in judged.report["findings"])
    cxx.illegal(shop.archive("libtwice.a", {"one.o": defines(*op.plain), "two.o": defines(*op.plain)}),
                "single-definition",
                "libtwice.a(two.o) is a second definition of operator new(size_t), operator delete(void *)")


def test_static_program(shop, cxx, op):
    """The C++ library's own operators look like any others, except that its operator new asks for the new handler."""
    whole = defines(*op.plain) + calls(*op.plain)
    judged = cxx.legal(shop.program("default", whole, defines("_ZSt15get_new_handlerv"), flags=["-static"]))
    judged.notes("default has operators linked in, taken for the C++ library's own")
    cxx.undecided(shop.program("replaced", whole, flags=["-static"]), "complete",
                  "an operator new that is not the C++ library's own")
    cxx.legal(shop.program("c", defines("malloc", "free"), flags=["-static"]))


def test_linked_into_a_program_and_hidden(shop, cxx, op, runtime):
    cxx.legal(shop.program("default", hides(*op.plain) + calls(*op.plain), keeps("_ZSt15get_new_handlerv"),
                           needs=[runtime]))
    cxx.undecided(shop.program("replaced", hides(*op.plain) + calls(*op.plain), needs=[runtime]), "complete",
                  "nothing in it shows")
    library = shop.library("libhides.so", hides(*op.plain) + calls(*op.plain), needs=[runtime])
    cxx.legal(library).notes("libhides.so keeps operator new(size_t), operator delete(void *) of its own")


def test_program_without_a_runtime(shop, cxx, op):
    none = shop.library("libnone.so")
    cxx.illegal(shop.program("nobody", calls(*op.plain), needs=[none], lost=op.plain), "exactly-one",
                "nobody needs operator new(size_t), operator delete(void *), and nothing that is linked provides it")
    cxx.legal(shop.library("libuser.so", calls(*op.plain)))


def test_allocator_that_is_none(native, linkage):
    """A library without an operator is judged as a replacement."""
    linkage.illegal(native.library("libnone.so"), "complete",
                    "defines none of an allocator's functions for others, expected all 32",
                    options=["--family", "cxx", "--kind", "allocator"])
