"""The shape of a file, and the kind that it is judged as."""

import shutil

import pytest
from workshop import ALLOCATOR, FIVE, NOTHING, SIX, SIXTH, calls, defines

SHAPES = {
    "executable (dynamic)": ["-no-pie"],
    "executable (PIE)": ["-pie"],
    "executable (static)": ["-static"],
    # gcc 12 for armhf does not pass on the second one
    "executable (static-pie)": ["-static-pie", "-Wl,--no-dynamic-linker"],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_programs(shop, linkage, shape):
    """A program of any shape is legal with an allocator linked in. When a function is missing it is illegal, called or
    not."""
    none = [] if "static" in shape else [shop.library("libnone.so", calls(SIXTH))]
    whole = linkage.legal(shop.program("whole", ALLOCATOR, calls(*SIX), needs=none, flags=SHAPES[shape]))
    assert (whole.report["shape"], whole.report["kind"]) == (shape, "executable")
    assert (whole.providers(), whole.report["default"]) == (["whole"], shop.platform.default)
    lame = linkage.illegal(shop.program("lame", defines(*FIVE), needs=none, flags=SHAPES[shape]), "complete",
                           "lame defines",
                           "lacks __rust_usable_size, and nobody else has it")
    assert lame.providers() == ["lame"]
    data = f"void *{SIXTH} = &{SIXTH};\n"
    if not none:
        linkage.illegal(shop.program("data", defines(*FIVE), data, flags=SHAPES[shape]), "complete", "data defines",
                        "lacks")



def test_library(shop, linkage):
    result = linkage.legal(shop.library("liba.so.1", ALLOCATOR))
    seen = [result.report[key] for key in ("shape", "kind", "default")]
    assert seen == ["shared library", "dylib", "alloc_system"]


def test_program_that_exports(shop, linkage):
    """A program whose allocator others can bind to counts as a provider for every library that it loads."""
    a = shop.library("liba.so", ALLOCATOR)
    linkage.legal(shop.program("alone", ALLOCATOR, needs=[shop.library("libnone.so")], flags=["-pie", "-rdynamic"]))
    linkage.illegal(shop.program("beside", ALLOCATOR, needs=[a], flags=["-pie", "-rdynamic"]),
                    "at-most-one single-definition",
                    "beside and liba.so (beside -> liba.so)")


# ---- archives ----

def test_archive_without_index(shop, linkage):
    members = {"allocator.o": ALLOCATOR, "user.o": calls(*SIX)}
    assert linkage.legal(shop.archive("libplain.a", members)).report["notes"] == []
    bare = linkage.legal(shop.archive("libbare.a", members, "rcS"))
    bare.notes("it has no symbol index: link editors want `ranlib` first")
    linkage.illegal(shop.archive("libtwo.a", {**members, "copy.o": ALLOCATOR}, "rcS"), "at-most-one single-definition",
                    "libtwo.a(copy.o)")


def test_thin_archive(shop, linkage):
    thin = linkage.legal(shop.archive("libthin.a", {"allocator.o": ALLOCATOR, "user.o": calls(*SIX)}, "rcsT"))
    assert (thin.report["shape"], thin.report["kind"]) == ("thin archive", "staticlib")
    linkage.illegal(shop.archive("libtwo.a", {"allocator.o": ALLOCATOR, "copy.o": ALLOCATOR}, "rcsT"),
                    "at-most-one single-definition",
                    "allocator.o", "copy.o")


def test_thin_archive_without_its_members(shop, linkage):
    thin = shop.archive("libthin.a", {"allocator.o": ALLOCATOR}, "rcsT")
    linkage.legal(thin)
    shutil.rmtree(shop.path("libthin-members"))
    linkage.refused(thin, words=(str(thin), "allocator.o", "cannot be read"))


def test_thin_archive_of_a_plain_one(shop, linkage):
    """The members are named by their offset in the other archive, and link editors read them there."""
    long = "an_allocator_with_a_name_that_goes_on_and_on.o"
    inner = shop.archive("inner.a", {"nothing.o": NOTHING, long: ALLOCATOR})
    shop.tool("ar", "rcsT", "libouter.a", inner.name)
    assert linkage.legal(shop.path("libouter.a")).providers() == [f"libouter.a(inner.a({long}))"]
    shop.archive("inner.a", {"nothing.o": NOTHING, long: defines(*FIVE)})
    shop.path("libouter.a").unlink()
    shop.tool("ar", "rcsT", "libouter.a", inner.name)
    linkage.illegal(shop.path("libouter.a"), "complete", f"libouter.a(inner.a({long}))", "lacks __rust_usable_size")


def test_long_names(shop, linkage):
    """Names longer than 15 letters stand in a table of their own, and a name may occur twice."""
    long = "an_allocator_with_a_name_that_goes_on_and_on.o"
    assert linkage.legal(shop.archive("libone.a", {long: ALLOCATOR})).providers() == [f"libone.a({long})"]
    linkage.illegal(shop.archive("libfive.a", {long: defines(*FIVE)}), "complete", f"libfive.a({long})")


def test_members_of_other_kinds(shop, linkage):
    """A member that is no object is skipped, as by link editors and rustc. A copy of an allocator is not."""
    text = shop.write("README", "no object\n")
    linkage.legal(shop.archive("libtext.a", {"allocator.o": ALLOCATOR, "README": text}, "rcS"))
    linkage.legal(shop.archive("libempty.a", {}))
    linkage.illegal(shop.archive("libcopy.a",
                                 {"allocator.o": ALLOCATOR, "README": shop.relocatable("copy", ALLOCATOR)}),
                    "at-most-one single-definition", "libcopy.a(README)")


def test_archive_of_nothing_but_others(shop, linkage):
    """A Debian package is an archive too. It is refused when it is named, and skipped in a tree."""
    text = shop.write("debian-binary", "2.0\n")
    linkage.legal(shop.archive("tree/libtext.a", {"nothing.o": NOTHING, "debian-binary": text}, "rcS"))
    package = shop.archive("tree/package.deb", {"debian-binary": text}, "rcS")
    linkage.refused(package, words=(str(package), "an archive with no ELF object in it"))
    assert "1 artifact: 1 ok" in linkage.run(shop.path("tree")).stdout


def test_code_that_is_compiled_when_it_is_linked(shop, linkage):
    """An object for LTO has no symbols, unless it holds both forms. What it will define is open."""
    fat = shop.object(ALLOCATOR, "-flto", "-ffat-lto-objects")
    slim = shop.object(ALLOCATOR, "-flto", "-fno-fat-lto-objects")
    linkage.legal(shop.archive("libfat.a", {"nothing.o": NOTHING, "six.o": fat}, "rcS"))
    linkage.undecided(shop.archive("libslim.a", {"nothing.o": NOTHING, "six.o": slim}, "rcS"), "at-most-one",
                      "libslim.a(six.o) is compiled when it is linked (LTO)")
    linkage.legal(shop.relocatable("six.o", fat), "--kind", "allocator")
    linkage.undecided(shop.relocatable("slim.o", slim), "complete at-most-one", "slim.o is compiled when it is linked",
                      options=["--kind", "allocator"])
    for name, half in (("fat", fat), ("slim", slim)):
        shop.tool("ld", "-r", shop.object(calls("something_else", SIX[0])), half, "-o", f"joined-{name}.o")
    linkage.legal(shop.path("joined-fat.o"))
    linkage.undecided(shop.path("joined-slim.o"), "rlib", "joined-slim.o is compiled when it is linked")
    linkage.undecided(shop.archive("libuser.a", {"user.o": calls(*SIX), "six.o": slim}, "rcS"),
                      "at-most-one exactly-one")
    linkage.undecided(shop.archive("libfive.a", {"five.o": defines(*FIVE), "sixth.o": slim}, "rcS"),
                      "at-most-one complete")


def test_bitcode(native, linkage):
    """The files that clang writes for LTO are no ELF files at all."""
    bitcode = native.write("six.bc", b"BC\xc0\xde" + bytes(60))
    linkage.undecided(native.archive("libslim.a", {"six.o": bitcode}, "rcS"), "at-most-one",
                      "libslim.a(six.o) is compiled when it is linked")
    linkage.legal(native.archive("libother.a",
                                 {"six.o": native.write("six.xc", b"XC\xc0\xde" + bytes(60)), "nothing.o": NOTHING},
                                 "rcS"))
    linkage.refused(bitcode, words=(str(bitcode), "LLVM bitcode"))


@pytest.mark.parametrize("name, members", [
    ("libcrate.rlib", {}), ("libmeta.a", {"lib.rmeta": "metadata"}), ("libold.a", {"rust.metadata.bin": "metadata"})])
def test_rlib_by_name_or_member(shop, linkage, name, members):
    """An rlib may need an allocator without having one. The same file must have one as a static library."""
    needs = {"user.o": calls(*SIX), **{member: shop.write(member, text) for member, text in members.items()}}
    assert linkage.legal(shop.archive(name, needs, "rcS")).report["kind"] == "rlib"
    linkage.illegal(shop.archive("libstatic.a", {"user.o": calls(*SIX)}), "exactly-one", "libstatic.a(user.o)")


# ---- --kind ----

def test_kind_decides(shop, linkage):
    """The same file is legal as one kind and illegal as another."""
    needs = shop.archive("libuser.a", {"user.o": calls(*SIX)})
    linkage.legal(needs, "--kind", "rlib")
    linkage.illegal(needs, "exactly-one", "needs all six", options=["--kind", "staticlib"])
    object_ = shop.relocatable("user.o", calls(*SIX))
    linkage.legal(object_, "--kind", "rlib")
    linkage.illegal(object_, "exactly-one", "user.o needs all six", options=["--kind", "staticlib"])
    two = shop.archive("libtwo.a", {"one.o": ALLOCATOR, "two.o": ALLOCATOR})
    linkage.illegal(two, "rlib single-definition", options=["--kind", "rlib"])
    linkage.illegal(two, "at-most-one single-definition", options=["--kind", "staticlib"])
    linkage.illegal(two, "at-most-one single-definition", options=["--kind", "allocator"])


def test_a_library_that_is_run(shop, linkage):
    """A shared library may be run as a program, as libc can. Its default is then that of a program."""
    library = shop.library("librun.so", calls(*SIX))
    linkage.illegal(library, "exactly-one", "the default would be alloc_system", options=["--kind", "dylib"])
    linkage.illegal(library, "exactly-one", f"the default would be {shop.platform.default}",
                    options=["--kind", "executable"])


@pytest.mark.parametrize("kind", ["rlib", "staticlib"])
def test_linked_files_are_no_archives(shop, linkage, kind):
    for path in (shop.library("liba.so", ALLOCATOR), shop.program("app")):
        linkage.refused(path, "--kind", kind, words=(str(path), f"--kind {kind} was asked for"))


@pytest.mark.parametrize("kind", ["executable", "dylib"])
def test_unlinked_files_are_no_programs(shop, linkage, kind):
    for path in (shop.archive("liba.a", {"a.o": NOTHING}), shop.relocatable("a.o", NOTHING)):
        linkage.refused(path, "--kind", kind, words=(str(path), f"--kind {kind} was asked for"))


# ---- many at once ----

def test_tree(native, linkage):
    """In a tree, files that are no ELF files are skipped. The worst verdict decides the exit status."""
    good, bad = native.path("tree/good"), native.path("tree/bad")
    native.library("tree/good/libone.so", ALLOCATOR)
    native.write("tree/good/README", "no ELF\n")
    native.library("tree/bad/libfive.so", defines(*FIVE))
    fine = linkage.run(good, "--json", "-")
    assert (fine.returncode, "1 artifact: 1 ok; 1 other files passed over" in fine.stderr) == (0, True), fine.stderr
    both = linkage.run(good, bad, "--jobs", "2")
    assert both.returncode == 1
    assert "2 artifacts: 1 ok, 1 violation; 1 other files passed over" in both.stdout


def test_platforms_mixed_in_one_call(shop, native, linkage):
    """One call may judge files of several platforms, each with its own libraries."""
    foreign, own = shop.library("libforeign.so", ALLOCATOR), native.library("libown.so", defines(*FIVE))
    done = linkage.run(foreign, own)
    assert done.returncode == 1
    assert f"ok         {foreign}" in done.stdout and f"violation  {own}" in done.stdout
