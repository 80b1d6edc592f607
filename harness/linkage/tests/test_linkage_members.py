"""Members that depend on one another: circles within an archive, and several archives that are judged as one link."""

import json

import pytest
from workshop import ALLOCATOR, FIVE, I686, NATIVE, NOTHING, SIX, SIXTH, calls, defines, wants

TWO = "at-most-one single-definition"


def together(linkage, *artifacts, kind=None):
    options = ["--kind", kind] if kind else []
    done = linkage.run("--together", *artifacts, *options, "--json", "-")
    report = json.loads(done.stdout)
    return done.returncode, report["verdict"], {finding["clause"].removeprefix("linkage/")
                                                for finding in report["findings"]}, done.stderr


# ---- circles ----

@pytest.mark.parametrize("name", ["libcircle.a", "libcircle.rlib"])
def test_allocator_that_depends_on_a_member_that_needs_it(shop, linkage, name):
    """In a circle, the first allocation calls itself. A user beside an allocator, as in every static library, is
    legal."""
    helper = defines("helper") + calls(SIX[0])
    linkage.legal(shop.archive("beside-" + name,
                               {"six.o": ALLOCATOR, "helper.o": helper, "user.o": calls("helper", *SIX)}))
    linkage.illegal(shop.archive(name, {"six.o": ALLOCATOR + calls("helper"), "helper.o": helper}), "no-circular",
                    f"the allocator {name}(six.o) cannot depend on what needs an allocator",
                    f"it depends on {name}(helper.o), which calls __rust_allocate ({name}(six.o) -> {name}(helper.o))")


def test_circle_at_depth(shop, linkage):
    """The circle passes through a member that has nothing to do with allocators."""
    parts = {"six.o": ALLOCATOR + calls("middle"), "user.o": defines("far") + calls(SIXTH)}
    linkage.legal(shop.archive("libplain.a", {**parts, "middle.o": defines("middle") + calls("farther")}))
    linkage.illegal(shop.archive("libdeep.a", {**parts, "middle.o": defines("middle") + calls("far")}), "no-circular",
                    "(libdeep.a(six.o) -> libdeep.a(middle.o) -> libdeep.a(user.o))")


@pytest.mark.parametrize("operation", ["rcS", "rcsT"])
def test_circle_in_any_archive(shop, linkage, operation):
    """Circles are found in archives without an index and in thin ones."""
    parts = {"six.o": ALLOCATOR + calls("helper"), "helper.o": defines("helper")}
    linkage.legal(shop.archive("libplain.a", parts, operation))
    linkage.illegal(shop.archive("libcircle.a", {**parts, "helper.o": defines("helper") + calls(*FIVE)}, operation),
                    "no-circular")


def test_allocator_over_several_members(shop, linkage):
    """The members of an allocator may call each other's functions, and may use a helper that calls one of them. That is
    no circle, because the calls end."""
    parts = {"five.o": defines(*FIVE) + calls("helper"), "sixth.o": defines(SIXTH)}
    linkage.legal(shop.archive("libsplit.a",
                               {"five.o": defines(*FIVE) + calls(SIXTH), "sixth.o": defines(SIXTH) + calls(SIX[0])}))
    linkage.legal(shop.archive("libhelped.a", {**parts, "helper.o": defines("helper") + calls(SIXTH)}))
    linkage.illegal(shop.archive("libcircle.a", {**parts, "helper.o": defines("helper") + calls(SIX[0])}),
                    "no-circular",
                    "libcircle.a(helper.o), which calls __rust_allocate")


INNOCENT = {
    "weak": wants("helper"),  # a weak reference fetches no member
    "own": defines("here") + calls("here"),
    "lang-item": calls("rust_begin_unwind"),  # every crate leaves it to the last link
}


@pytest.mark.parametrize("how", INNOCENT)
def test_what_is_no_dependency(shop, linkage, how):
    helper = {"helper.o": defines("helper", "rust_begin_unwind", "part") + calls(*SIX)}
    linkage.legal(shop.archive("libuser.a", {"six.o": ALLOCATOR + INNOCENT[how], **helper}))
    linkage.illegal(shop.archive("libcircle.a", {"six.o": ALLOCATOR + INNOCENT[how] + calls("part"), **helper}),
                    "no-circular",
                    "libcircle.a(helper.o)")


def test_first_definition_is_the_one(shop, linkage):
    """When two members define a name, the link editor takes the first."""
    six, plain, user = ALLOCATOR + calls("helper"), defines("helper"), defines("helper") + calls(SIX[0])
    linkage.legal(shop.archive("libfirst.a", {"six.o": six, "plain.o": plain, "user.o": user}))
    linkage.illegal(shop.archive("libsecond.a", {"six.o": six, "user.o": user, "plain.o": plain}), "no-circular")


def test_allocator_as_a_whole_needs_none(shop, linkage):
    """An archive that is judged as an allocator is one allocator: none of its members may need what it provides."""
    linkage.legal(shop.archive("libsix.a", {"six.o": ALLOCATOR, "more.o": calls("memcpy")}), "--kind", "allocator")
    linkage.legal(shop.archive("libsplit.a", {"five.o": defines(*FIVE) + calls(SIXTH), "sixth.o": defines(SIXTH)}),
                  "--kind", "allocator")
    linkage.illegal(shop.archive("libpart.a", {"five.o": defines(*FIVE) + calls(SIXTH)}), "complete no-circular",
                    "its member libpart.a(five.o) calls __rust_usable_size", options=["--kind", "allocator"])
    user = shop.archive("libuser.a", {"six.o": ALLOCATOR, "user.o": calls(*SIX[:2])})
    linkage.legal(user)
    linkage.illegal(user, "no-circular",
                    "the allocator libuser.a itself needs an allocator: its member libuser.a(user.o) calls "
                    "__rust_allocate, __rust_allocate_zeroed", options=["--kind", "allocator"])


# ---- together ----

def test_two_archives_that_each_bring_one(shop, linkage):
    """Each archive is legal alone. In one link they are two allocators."""
    one = shop.archive("libone.a", {"one.o": defines("one") + calls(*SIX), "six.o": ALLOCATOR})
    two = shop.archive("libtwo.a", {"two.o": defines("two") + calls(*SIX), "six.o": ALLOCATOR})
    user = shop.archive("libuser.a", {"user.o": calls("one", *SIX)})
    assert linkage.run(one, two).returncode == 0
    assert together(linkage, one, user)[:3] == (0, "ok", set())
    status, verdict, clauses, text = together(linkage, one, two)
    assert (status, verdict, clauses) == (1, "violation", set(TWO.split())), text
    assert "two allocators are linked together: libone.a(six.o) and libtwo.a(six.o)" in text
    assert f"{one} + {two}: link of archives and objects, judged as staticlib" in text


def test_one_gives_what_the_other_needs(shop, linkage):
    six, user = shop.archive("libsix.a", {"six.o": ALLOCATOR}), shop.archive("libuser.a", {"user.o": calls(*SIX)})
    main = shop.relocatable("main.o", calls(SIX[0], "nothing_else"))
    assert linkage.run(user).returncode == 1
    assert together(linkage, main, user, six)[:3] == (0, "ok", set())
    status, _, clauses, text = together(linkage, main, user)
    assert (status, clauses) == (1, {"exactly-one"}), text
    assert "main.o needs __rust_allocate, and nothing that is linked provides it" in text
    assert together(linkage, main, user, kind="rlib")[:3] == (0, "ok", set())
    assert "alloc_system" in text and shop.platform.default in together(linkage, main, user, kind="executable")[3]


def test_halves(shop, linkage):
    """Five functions in one archive and the sixth in another are complete together. Each archive alone is not."""
    five = shop.archive("libfive.a", {"five.o": defines(*FIVE)})
    sixth = shop.archive("libsixth.a", {"sixth.o": defines(SIXTH)})
    assert together(linkage, five, sixth)[:3] == (0, "ok", set())
    for half in (five, sixth):
        assert together(linkage, half)[:3] == (1, "violation", {"complete"})


def test_circle_over_two_archives(shop, linkage):
    six = shop.archive("libsix.a", {"six.o": ALLOCATOR + calls("helper")})
    plain = shop.relocatable("plain.o", defines("helper"))
    user = shop.archive("libuser.a", {"user.o": defines("helper") + calls(SIX[0])})
    assert together(linkage, six, plain)[:3] == (0, "ok", set())
    status, _, clauses, text = together(linkage, six, user)
    assert (status, clauses) == (1, {"no-circular"}), text
    assert "libsix.a(six.o) -> libuser.a(user.o)" in text


def test_the_same_file_twice(shop, linkage):
    """Link lines repeat libraries, so the same file counts once. A copy under another name is another allocator."""
    six, user = shop.archive("libsix.a", {"six.o": ALLOCATOR}), shop.archive("libuser.a", {"user.o": calls(*SIX)})
    shop.path("link.a").symlink_to(six)
    assert together(linkage, six, user, six, shop.path("link.a"))[:3] == (0, "ok", set())
    copy = shop.write("libcopy.a", six.read_bytes())
    assert together(linkage, six, user, copy)[:3] == (1, "violation", set(TWO.split()))


def test_what_is_compiled_when_it_is_linked(native, linkage):
    slim = native.object(ALLOCATOR, "-flto", "-fno-fat-lto-objects")
    user = native.archive("libuser.a", {"user.o": calls(*SIX)})
    open_ = native.archive("libslim.a", {"six.o": slim}, "rcS")
    status, verdict, clauses, text = together(linkage, user, open_)
    assert (status, verdict, clauses) == (3, "error", {"at-most-one", "exactly-one"}), text
    assert "libslim.a(six.o) is compiled when it is linked (LTO)" in text


def test_not_to_be_linked_together(native, linkage):
    """One line says which file is refused, and why."""
    six, program = native.archive("libsix.a", {"six.o": ALLOCATOR}), native.program("app")
    linkage.refused("--together", six, program, words=("app", "is linked already", "expected an archive or an object"))
    linkage.refused("--together", six, native.library("liba.so"),
                    words=("liba.so", "is linked already (shared library)"))
    linkage.refused("--together", six, native.directory, words=(str(native.directory), "is no regular file"))
    linkage.refused("--together", six, "no-such-file", words=("no-such-file", "cannot be read"))
    linkage.refused("--together", words=("no artifact",))
    native.write("x.graph", "[session main]\n")
    linkage.refused("--graph", "x.graph", "--together", words=("--graph describes everything", "--together"))


def test_platforms_are_not_linked_together(native, linkage, tmp_path, store):
    if I686.lacks() or NATIVE.prefix == I686.prefix:
        pytest.skip("i686 not installed")
    other = type(native)(I686, tmp_path, *store)
    six, user = native.archive("libsix.a", {"six.o": ALLOCATOR}), other.archive("libuser.a", {"user.o": calls(*SIX)})
    assert linkage.run(six).returncode == 0 and linkage.run(user).returncode == 1
    linkage.refused("--together", six, user, words=("libuser.a", "is for another platform than the files before it"))
