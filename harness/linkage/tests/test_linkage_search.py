"""Where a library is found. The files of a pair differ only in a path, and a wrong file changes the verdict."""

import os
import struct

import pytest
from workshop import ALLOCATOR, NATIVE, SIX, I686, calls, defines

TWO = "at-most-one single-definition"
NOWHERE = ["--library-path", ""]  # only what the files themselves say


def rpath(*directories):
    return [f"-Wl,--disable-new-dtags,-rpath,{':'.join(directories)}"]


def runpath(*directories):
    return [f"-Wl,--enable-new-dtags,-rpath,{':'.join(directories)}"]


def user(shop, name, *needs, how=(), lost=()):
    """Makes a program that needs an allocator, with options that say where its libraries are."""
    return shop.program(name, calls(*SIX), needs=needs, flags=["-pie", *how], lost=lost)


def user_of(shop, name, middle, how=()):
    """Makes a program that gets its allocator through another library."""
    return user(shop, name, middle, how=how, lost=SIX)


# ---- what the files say ----

@pytest.mark.parametrize("how", [rpath, runpath])
def test_origin(shop, linkage, how):
    a = shop.library("lib/liba.so", ALLOCATOR)
    found = linkage.legal(user(shop, "bin/right", a, how=how("$ORIGIN/../lib")), *NOWHERE)
    assert found.providers() == ["liba.so"]
    braced = linkage.legal(user(shop, "bin/braced", a, how=how("/nonexistent", "${ORIGIN}/../lib")), *NOWHERE)
    assert braced.providers() == ["liba.so"]
    lost = linkage.undecided(user(shop, "bin/wrong", a, how=how("$ORIGIN/lib")), "at-most-one exactly-one",
                             "liba.so is needed (wrong) and not found", options=NOWHERE)
    assert lost.providers() == []


def test_origin_of_a_program_is_no_symbolic_link(shop, linkage):
    """$ORIGIN is the directory of the program, not of a link to it."""
    program = user(shop, "opt/bin/app", shop.library("opt/lib/liba.so", ALLOCATOR), how=runpath("$ORIGIN/../lib"))
    shop.path("bin/app").symlink_to(program)
    assert linkage.legal(shop.path("bin/app"), *NOWHERE).providers() == ["liba.so"]


def test_rpath_serves_those_behind(shop, linkage):
    """A DT_RPATH also serves the needs of the libraries. A DT_RUNPATH serves only the object's own needs."""
    middle = shop.library("lib/libmiddle.so", needs=[shop.library("lib/liba.so", ALLOCATOR)])
    linkage.legal(user_of(shop, "rpath", middle, rpath("$ORIGIN/lib")), *NOWHERE)
    linkage.undecided(user_of(shop, "runpath", middle, runpath("$ORIGIN/lib")), "at-most-one exactly-one",
                      "liba.so is needed (runpath -> libmiddle.so) and not found", options=NOWHERE)


def test_runpath_makes_rpaths_void(shop, linkage):
    """The DT_RPATH of its loader does not serve a library that has a DT_RUNPATH."""
    a = shop.library("lib/liba.so", ALLOCATOR)
    plain = shop.library("lib/libplain.so", needs=[a])
    own = shop.library("lib/libown.so", needs=[a], flags=runpath("/nonexistent"))
    linkage.legal(user_of(shop, "plain", plain, rpath("$ORIGIN/lib")), *NOWHERE)
    linkage.undecided(user_of(shop, "own", own, rpath("$ORIGIN/lib")), "at-most-one exactly-one", "own -> libown.so",
                      options=NOWHERE)


def test_first_directory_wins(shop, linkage):
    """Two files have the same name, and the verdict depends on which one is loaded."""
    whole, lame = shop.library("whole/liba.so", ALLOCATOR), shop.library("lame/liba.so", defines(*SIX[:5]))
    linkage.legal(user(shop, "right", whole, how=runpath("$ORIGIN/whole", "$ORIGIN/lame")), *NOWHERE)
    linkage.illegal(user(shop, "wrong", whole, how=runpath("$ORIGIN/lame", "$ORIGIN/whole")), "complete", "liba.so",
                    options=NOWHERE)


def test_one_file_in_two_places(shop, linkage):
    """$ORIGIN of a library is the directory where it was found. Its own directory and that of a link to it hold
    different files."""
    a = shop.library("links/liba.so", ALLOCATOR)
    real = shop.library("real/libmiddle.so", calls(*SIX), needs=[a], flags=runpath("$ORIGIN"))
    shop.path("links/libmiddle.so").symlink_to(real)
    app = shop.program("app/app", needs=[shop.path("links/libmiddle.so")], flags=["-pie", *runpath("$ORIGIN/../links")])
    linkage.legal(app, *NOWHERE)
    for together in ([app, real], [real, app]):
        done = linkage.run(*together, "--jobs", "1", *NOWHERE)
        assert done.returncode == 3, done.stdout
        assert f"ok         {app}" in done.stdout and f"undecided  {real}" in done.stdout


# ---- what the environment and the command line say ----

def test_order_of_the_three(shop, linkage):
    """DT_RPATH is searched before LD_LIBRARY_PATH, and DT_RUNPATH after it."""
    whole, lame = shop.library("whole/liba.so", ALLOCATOR), shop.library("lame/liba.so", defines(*SIX[:5]))
    environment = {"LD_LIBRARY_PATH": str(lame.parent)}
    linkage.legal(user(shop, "rpath", whole, how=rpath("$ORIGIN/whole")), **environment)
    linkage.illegal(user(shop, "runpath", whole, how=runpath("$ORIGIN/whole")), "complete", "liba.so", **environment)


def test_library_path(shop, linkage):
    """The option has the same meaning as the variable and replaces it."""
    whole, lame = shop.library("whole/liba.so", ALLOCATOR), shop.library("lame/liba.so", defines(*SIX[:5]))
    program = user(shop, "app", whole)
    linkage.legal(program, LD_LIBRARY_PATH=f"/nonexistent:{whole.parent}")
    linkage.legal(program, "--library-path", whole.parent, LD_LIBRARY_PATH=str(lame.parent))
    linkage.illegal(program, "complete", "liba.so", options=["--library-path", f"{lame.parent}:{whole.parent}"])


def test_origin_in_library_path(shop, linkage):
    """$ORIGIN is the program's directory, also for libraries that other libraries need."""
    a = shop.library("lib/liba.so", ALLOCATOR)
    middle = shop.library("lib/more/libmiddle.so", needs=[a])
    program = user_of(shop, "bin/app", middle)
    linkage.legal(program, LD_LIBRARY_PATH="$ORIGIN/../lib:${ORIGIN}/../lib/more")
    linkage.undecided(program, "at-most-one exactly-one", "liba.so is needed (app -> libmiddle.so) and not found",
                      LD_LIBRARY_PATH="$ORIGIN/../lib/more:$ORIGIN/lib")


def test_empty_element_is_the_current_directory(shop, linkage):
    """This holds in both lists and at any position. A list that is itself empty has no element."""
    program = user(shop, "bin/app", shop.library("liba.so", ALLOCATOR))  # assay runs in the directory of liba.so
    for path in ("/nonexistent:", ":/nonexistent", "/nonexistent::/none"):
        assert linkage.legal(program, LD_LIBRARY_PATH=path).providers() == ["liba.so"]
        said = user(shop, "bin/said", shop.path("liba.so"), how=runpath(path))
        assert linkage.legal(said, *NOWHERE).providers() == ["liba.so"]
    for path in ("", "/nonexistent"):
        linkage.undecided(program, "at-most-one exactly-one", "liba.so is needed (app) and not found",
                          LD_LIBRARY_PATH=path)


def test_no_default_directories(native, linkage):
    """With -z nodefaultlib, a library in these directories is not found, not even through the loader's cache."""
    main = native.write("main.c", "int main(void) { return 0; }\n")
    for name, flags in (("plain", []), ("without", ["-Wl,-z,nodefaultlib"])):
        native.tool("gcc", main, "-o", native.path(name), *flags)
    linkage.legal(native.path("plain"), "--family", "malloc", *NOWHERE)
    linkage.undecided(native.path("without"), "at-most-one", "libc.so.6 is needed (without) and not found",
                      options=["--family", "malloc", *NOWHERE])


# ---- another platform's tree ----

def test_sysroot(shop, linkage):
    """The default directories are those of the tree."""
    program = user(shop, "root/usr/bin/app", shop.library("root/usr/lib/liba.so", ALLOCATOR))
    linkage.legal(program, "--sysroot", shop.path("root"))
    linkage.undecided(program, "at-most-one exactly-one", "liba.so",
                      options=["--sysroot", shop.directory / "root/usr/bin"])


def test_sysroot_of_debian(shop, linkage):
    """In such a tree, /usr/lib/i386-linux-gnu and similar directories are defaults, each for its own platform."""
    triplet = shop.platform.triplet()
    if not triplet:
        pytest.skip(f"{shop.platform.tool('gcc')} has no multiarch directories")
    a = shop.library(f"root/usr/lib/{triplet}/liba.so", ALLOCATOR)
    program = user(shop, "root/usr/bin/app", a)
    linkage.legal(program, "--sysroot", shop.path("root"))
    a.rename(shop.path("root/usr/lib/mips64el-linux-gnuabi64/liba.so"))
    linkage.undecided(program, "at-most-one exactly-one", "liba.so", options=["--sysroot", shop.path("root")])


def test_absolute_link_within_a_sysroot(shop, linkage):
    """"/opt/liba.so" is the file in the tree, wherever the tree stands, and no number of ".." leads out of it."""
    program = user(shop, "root/usr/bin/app", shop.library("root/opt/liba.so", ALLOCATOR))
    shop.library("opt/liba.so", defines(*SIX[:5]))
    link = shop.path("root/usr/lib/liba.so")
    for target in ("/opt/liba.so", "../../../../../../../../opt/liba.so", "/../../opt/./liba.so"):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        assert linkage.legal(program, "--sysroot", shop.path("root")).providers() == ["liba.so"]
    link.unlink()
    link.symlink_to(shop.directory / "opt/liba.so")  # exists on this machine, but not in that tree
    linkage.undecided(program, "at-most-one exactly-one", "liba.so", options=["--sysroot", shop.path("root")])


def test_absolute_link_behind_origin(shop, linkage):
    """A path through $ORIGIN leads into the tree, and links in it are followed inside the tree."""
    inside = f"root{shop.directory}/opt/liba.so"
    program = user(shop, "root/usr/bin/app", shop.library(inside, ALLOCATOR), how=runpath("$ORIGIN/../own"))
    lame = shop.library("opt/liba.so", defines(*SIX[:5]))
    shop.path("root/usr/own/liba.so").symlink_to(lame)
    assert linkage.legal(program, "--sysroot", shop.path("root")).providers() == ["liba.so"]
    linkage.illegal(program, "complete", "liba.so", options=NOWHERE)  # on this machine the link leads elsewhere


def test_links_in_a_ring(shop, linkage):
    program = user(shop, "root/usr/bin/app", shop.library("elsewhere/liba.so", ALLOCATOR))
    shop.path("root/usr/lib/liba.so").symlink_to("libb.so")
    shop.path("root/usr/lib/libb.so").symlink_to("/usr/lib/liba.so")
    linkage.undecided(program, "at-most-one exactly-one", "liba.so", options=["--sysroot", shop.path("root")])


def test_rpath_within_a_sysroot(shop, linkage):
    """An absolute rpath is a path of that tree. $ORIGIN is the directory of the file."""
    a = shop.library("root/opt/lib/liba.so", ALLOCATOR)
    linkage.legal(user(shop, "root/bin/absolute", a, how=runpath("/opt/lib")), "--sysroot", shop.path("root"))
    linkage.legal(user(shop, "root/bin/origin", a, how=runpath("$ORIGIN/../opt/lib")), "--sysroot", shop.path("root"))
    linkage.undecided(user(shop, "root/bin/other", a, how=runpath(str(shop.directory / "root/opt/lib"))),
                      "at-most-one exactly-one",
                      "liba.so", options=["--sysroot", shop.path("root")])


# ---- libraries that exist, and libraries that do not ----

def test_missing_library(shop, linkage):
    """A missing library may hold an allocator, or a second one."""
    a, gone = shop.library("liba.so", ALLOCATOR), shop.library("libgone.so")
    program = user(shop, "app", a, gone)
    linkage.legal(program)
    gone.unlink()
    linkage.undecided(program, "at-most-one", "libgone.so is needed (app) and not found")


def test_missing_library_hides_no_violation(shop, linkage):
    a, b, gone = shop.library("liba.so", ALLOCATOR), shop.library("libb.so", ALLOCATOR), shop.library("libgone.so")
    program = user(shop, "app", a, b, gone)
    gone.unlink()
    linkage.illegal(program, TWO, "liba.so", "libb.so", "libgone.so is needed (app) and not found")


def test_unreadable_library(shop, linkage):
    """A library that is found and damaged is named, with the damage."""
    a, cut = shop.library("liba.so", ALLOCATOR), shop.library("libcut.so")
    program = user(shop, "app", a, cut)
    linkage.legal(program)
    cut.write_bytes(cut.read_bytes()[:200])
    linkage.undecided(program, "at-most-one", "libcut.so is needed (app) and cannot be read", "is cut short or damaged")


def test_libraries_in_a_loop(shop, linkage):
    """Libraries that need one another are each loaded once."""
    shop.library("liba.so", ALLOCATOR)
    b = shop.library("libb.so", needs=[shop.path("liba.so")])
    a = shop.library("liba.so", ALLOCATOR, needs=[b])
    assert linkage.legal(user(shop, "app", a)).providers() == ["liba.so"]
    shop.library("libb.so", ALLOCATOR, needs=[a])
    linkage.illegal(user(shop, "two", a), TWO, "two -> liba.so -> libb.so")


def test_library_that_needs_itself(shop, linkage):
    before = shop.library("before/liba.so", soname="liba.so")
    linkage.legal(shop.library("liba.so", ALLOCATOR, needs=[before]))
    linkage.illegal(shop.library("liba.so", defines(*SIX[:5]), needs=[before]), "complete", "liba.so")


def test_other_architecture_is_passed_over(shop, linkage, tmp_path, store):
    """The search skips a library of another platform and goes on, as the loader does."""
    other = type(shop)(NATIVE if shop.platform is not NATIVE else I686, tmp_path, *store)
    if other.platform.lacks():
        pytest.skip(other.platform.lacks())
    right = shop.library("right/liba.so", ALLOCATOR)
    other.library("wrong/liba.so", defines(*SIX[:5]))
    program = user(shop, "app", right)
    found = linkage.legal(program, "--library-path", f"{shop.path('wrong')}:{shop.path('right')}")
    assert found.providers() == ["liba.so"]
    linkage.undecided(program, "at-most-one exactly-one", "liba.so is needed (app) and not found",
                      options=["--library-path", shop.path("wrong")])


def test_other_byte_order_is_passed_over(shop, linkage):
    """The machine number alone does not identify the platform: a copy that claims the other byte order does not fit."""
    right, odd = shop.library("right/liba.so", ALLOCATOR), shop.library("wrong/liba.so", ALLOCATOR)
    image = bytearray(odd.read_bytes())
    image[7] = 0
    image[18:20] = struct.pack("<H" if image[5] == 2 else ">H",
                               struct.unpack(">H" if image[5] == 2 else "<H", image[18:20])[0])
    program = user(shop, "app", right)
    linkage.legal(program, "--library-path", f"{odd.parent}:{right.parent}")
    image[5] = 3 - image[5]
    odd.write_bytes(image)
    assert linkage.judge(program, "--library-path", f"{odd.parent}:{right.parent}").providers() == ["liba.so"]


def test_program_is_no_library(shop, linkage):
    """A program of that name in an earlier directory is no library."""
    right = shop.library("right/liba.so", ALLOCATOR)
    program = user(shop, "app", right)
    shop.program("wrong/liba.so")
    path = f"{shop.path('wrong')}:{shop.path('right')}"
    assert linkage.legal(program, "--library-path", path).providers() == ["liba.so"]
    linkage.undecided(program, "at-most-one exactly-one", "liba.so", options=["--library-path", shop.path("wrong")])


# ---- names ----

def test_soname_is_not_the_file_name(shop, linkage):
    """A program that was linked with libnew.so needs the soname of that library: libold.so.1."""
    program = user(shop, "app", shop.library("libnew.so", ALLOCATOR, soname="libold.so.1"))
    linkage.undecided(program, "at-most-one exactly-one", "libold.so.1 is needed (app) and not found")
    shop.path("libold.so.1").symlink_to("libnew.so")
    assert linkage.legal(program).providers() == ["libold.so.1"]


def test_two_names_of_one_file(shop, linkage):
    """A link and its target are one library. A copy beside it is a second one."""
    a = shop.library("liba.so", ALLOCATOR, soname="")
    (shop.directory / "liblink.so").symlink_to("liba.so")
    linked = shop.program("linked", calls(*SIX), needs=["-L.", "-la", "-llink"])
    linkage.legal(linked)
    (shop.directory / "liblink.so").unlink()
    (shop.directory / "liblink.so").write_bytes(a.read_bytes())
    linkage.illegal(linked, TWO, "linked -> liba.so", "linked -> liblink.so")


def test_path_in_place_of_a_name(shop, linkage):
    """A name that contains a slash is a path, and there is no search for it."""
    a = shop.library("lib/liba.so", ALLOCATOR, soname="")
    program = user(shop, "app", a)
    assert linkage.legal(program, *NOWHERE).providers() == ["liba.so"]
    a.rename(shop.path("liba.so"))
    linkage.undecided(program, "at-most-one exactly-one", "liba.so is needed (app) and not found",
                      options=["--library-path", shop.directory])


def test_same_name_already_loaded(shop, linkage):
    """The second of two libraries with the same soname is not searched for: the loader takes the one that it has."""
    first, second = shop.library("one/liba.so", ALLOCATOR), shop.library("two/liba.so", ALLOCATOR)
    other = shop.library("two/libother.so", calls(*SIX), needs=[second], flags=rpath("$ORIGIN"))
    both = [*rpath("$ORIGIN/one", "$ORIGIN/two")]
    assert linkage.legal(user(shop, "app", first, other, how=both), *NOWHERE).providers() == ["liba.so"]
    renamed = shop.library("two/libb.so", ALLOCATOR)
    third = shop.library("two/libthird.so", calls(*SIX), needs=[renamed], flags=rpath("$ORIGIN"))
    linkage.illegal(user(shop, "two-of-them", first, third, how=both), TWO, "libthird.so -> libb.so", options=NOWHERE)


def test_name_somebody_found_it_under(shop, linkage):
    """A library without a soname is known by the name that it was first loaded under. Objects that need this name later
    find it nowhere else."""
    a = shop.library("one/liba.so", ALLOCATOR, soname="")
    where = [f"-L{a.parent}", "-la"]
    other = shop.library("two/libother.so", calls(*SIX), needs=where)
    linkage.legal(shop.program("app", calls(*SIX), needs=[*where, other],
                               flags=["-pie", *runpath("$ORIGIN/one", "$ORIGIN/two")]), *NOWHERE)
    linkage.undecided(shop.program("lost", calls(*SIX), needs=[other], flags=["-pie", *runpath("$ORIGIN/two")],
                                   lost=SIX),
                      "at-most-one exactly-one", "liba.so is needed (lost -> libother.so) and not found",
                      options=NOWHERE)


def test_artifact_that_is_needed(shop, linkage):
    """The library that is judged is already loaded, wherever it is, when one of its own libraries needs it."""
    shop.library("one/liba.so", ALLOCATOR)
    b = shop.library("two/libb.so", calls(*SIX), needs=[shop.path("one/liba.so")])
    a = shop.library("one/liba.so", ALLOCATOR, needs=[b], flags=runpath("$ORIGIN/../two"))
    assert linkage.legal(a, *NOWHERE).providers() == ["liba.so"]
    result = linkage.illegal(a, "no-circular", "liba.so -> libb.so", options=["--kind", "allocator", *NOWHERE])
    assert result.providers() == ["liba.so"]
    linkage.undecided(b, "at-most-one exactly-one", "liba.so is needed (libb.so) and not found", options=NOWHERE)


def test_many_libraries(native, linkage):
    """The chain is longer than any path that is printed, and the allocator is at its end."""
    library = native.library("lib0.so", ALLOCATOR)
    for i in range(1, 70):
        library = native.library(f"lib{i}.so", needs=[library])
    assert linkage.legal(user_of(native, "app", library)).providers() == ["lib0.so"]
    os.unlink(native.path("lib0.so"))
    linkage.undecided(native.path("app"), "at-most-one exactly-one", "lib0.so is needed (... -> lib64.so -> ",
                      "-> lib1.so) and not found")
