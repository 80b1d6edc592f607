"""Builds small artifacts for the tests of the linkage rule, with the compiler and binutils of a platform.

No artifact is linked with the platform's own C library, so none must be installed. A program begins at _start. Where a
test needs a libc (the malloc family), a few lines with its soname take its place.
"""

import pathlib
import platform
import re
import shutil
import struct
import subprocess
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Union

SIX = ["__rust_allocate", "__rust_allocate_zeroed", "__rust_deallocate", "__rust_reallocate",
       "__rust_reallocate_inplace",
       "__rust_usable_size"]
FIVE, SIXTH = SIX[:5], SIX[5]

# A part of an artifact is the text of a C file, or an object that exists already. A need is a library, or a flag that
# names one.
Part = Union[str, pathlib.Path]


class Platform(NamedTuple):
    name: str
    prefix: str  # the prefix of the names of its compiler and binutils
    default: str  # the allocator that rustc 1.19 gave to an executable

    def tool(self, name: str) -> str:
        return self.prefix + name

    def triplet(self) -> str:
        """The name in Debian's directories; "" for a compiler that knows no such name."""
        return subprocess.run([self.tool("gcc"), "-print-multiarch"], capture_output=True, text=True,
                              check=True).stdout.strip()

    def lacks(self) -> Union[str, None]:
        """Why nothing can be built for it here; None when it can."""
        missing = [self.tool(name) for name in ("gcc", "ar", "objcopy") if shutil.which(self.tool(name)) is None]
        return f"{self.name}: {', '.join(missing)} not installed" if missing else None


NATIVE = Platform("native", "", "alloc_jemalloc" if re.match("x86_64|i.86|arm", platform.machine()) else "alloc_system")
I686 = Platform("i686", "i686-linux-gnu-", "alloc_jemalloc")
ARMHF = Platform("armhf", "arm-linux-gnueabihf-", "alloc_jemalloc")
S390X = Platform("s390x", "s390x-linux-gnu-", "alloc_system")  # big-endian
PLATFORMS = [NATIVE, I686, ARMHF, S390X]


# ---- C ----

def defines(*names: str, how: str = "") -> str:
    """`how` comes before each definition: "static", "__attribute__((weak))" ..."""
    return "".join(f"{how} void *{name}(void) {{ return 0; }}\n" for name in names)


def keeps(*names: str) -> str:
    return defines(*names, how="__attribute__((used)) static")


def hides(*names: str) -> str:
    return defines(*names, how='__attribute__((visibility("hidden")))')


def calls(*names: str, how: str = "") -> str:
    return "".join(f"{how} void *{name}(void);\n__attribute__((used)) static void *call_{name}(void) "
                   f"{{ return &{name} == 0 ? 0 : {name}(); }}\n" for name in names)


def wants(*names: str) -> str:
    return calls(*names, how="__attribute__((weak))")


ALLOCATOR = defines(*SIX)
START = "void _start(void) { for (;;) ; }\n"
NOTHING = "int nothing_of_interest;\n"


# ---- building ----

class Workshop:
    """One directory of artifacts. Workshops share compiled files through `store`."""

    def __init__(self, platform: Platform, directory: pathlib.Path, store: dict[tuple[str, ...], pathlib.Path],
                 store_directory: pathlib.Path) -> None:
        self.platform = platform
        self.directory = directory
        self.store = store
        self.store_directory = store_directory

    def path(self, name: str) -> pathlib.Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, name: str, text: Union[str, bytes]) -> pathlib.Path:
        path = self.path(name)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def tool(self, name: str, *arguments: Union[str, pathlib.Path]) -> None:
        done = subprocess.run([self.platform.tool(name), *map(str, arguments)], cwd=self.directory, capture_output=True,
                              text=True)
        assert done.returncode == 0, done.args + [done.stderr]

    def symbols(self, name: str) -> list[str]:
        """The names in the static symbol table of a file."""
        done = subprocess.run([self.platform.tool("nm"), "-P", self.path(name)], capture_output=True, text=True,
                              check=True)
        return [line.split()[0] for line in done.stdout.splitlines()]

    def object(self, part: Part, *flags: str) -> pathlib.Path:
        """Returns an object, which is compiled once for all tests of the session."""
        if isinstance(part, pathlib.Path):
            return part
        key = (self.platform.name, part, *flags)
        if key not in self.store:
            stem = self.store_directory / f"{self.platform.name}-{len(self.store)}"
            stem.with_suffix(".c").write_text(part)
            self.tool("gcc", "-w", "-fPIC", "-fno-builtin", "-fno-stack-protector", "-fno-asynchronous-unwind-tables",
                      *flags, "-c",
                      stem.with_suffix(".c"), "-o", stem.with_suffix(".o"))
            self.store[key] = stem.with_suffix(".o")
        return self.store[key]

    def relocatable(self, name: str, part: Part, *flags: str) -> pathlib.Path:
        return pathlib.Path(shutil.copy(self.object(part, *flags), self.path(name)))

    def _link(self, name: str, parts: Iterable[Part], needs: Iterable[Part], *flags: str) -> pathlib.Path:
        path = self.path(name)
        self.tool("gcc", "-nostdlib", *map(self.object, parts), "-Wl,--no-as-needed", *needs,
                  "-Wl,--unresolved-symbols=ignore-all",
                  *flags, "-o", path)
        return path

    def library(self, name: str, *parts: Part, needs: Iterable[Part] = (), flags: Iterable[str] = (),
                soname: Union[str, None] = None) -> pathlib.Path:
        """Returns a library. One that needs nothing is linked once for all tests of the session."""
        soname = pathlib.Path(name).name if soname is None else soname
        flags = ["-shared", *([f"-Wl,-soname,{soname}"] if soname else []), *flags]
        if needs:
            return self._link(name, parts or [NOTHING], needs, *flags)
        key = (self.platform.name, *map(str, parts), *flags)
        if key not in self.store:
            linked = self._link(name, parts or [NOTHING], needs, *flags)
            kept = self.store_directory / f"{self.platform.name}-{len(self.store)}.so"
            self.store[key] = pathlib.Path(shutil.copy(linked, kept))
            return linked
        path = self.path(name)
        path.unlink(missing_ok=True)
        return pathlib.Path(shutil.copy(self.store[key], path))

    def program(self, name: str, *parts: Part, needs: Iterable[Part] = (), flags: Iterable[str] = ("-pie",),
                lost: Iterable[str] = ()) -> pathlib.Path:
        """`lost` are functions that the first library had when the program was linked, and has no longer. Without a
        definition at that time, link editors bind the call to 0 and leave no trace of it."""
        needs = list(needs)
        if lost:
            needs[0] = self.library(f"before/{needs[0].name}", defines(*lost))
        return self._link(name, [START, *parts], needs, *flags)

    def archive(self, name: str, members: Mapping[str, Part], operation: str = "rcs") -> pathlib.Path:
        """Makes an archive of objects, given by the names of the members. The bytes of a member need not be an
        object."""
        path = self.path(name)
        path.unlink(missing_ok=True)
        paths = [self.relocatable(f"{path.stem}-members/{member}", part) for member, part in members.items()]
        self.tool("ar", operation, path, *paths)
        return path

    def stripped(self, path: pathlib.Path, *flags: str) -> pathlib.Path:
        self.tool("strip", *(flags or ("--strip-all",)), path)
        return path

    def headless(self, path: pathlib.Path) -> pathlib.Path:
        """Removes the section headers, as some strippers do. The loader does not need them."""
        image = bytearray(path.read_bytes())
        order = {1: "<", 2: ">"}[image[5]]
        wide = image[4] == 2
        struct.pack_into(order + ("Q" if wide else "I"), image, 40 if wide else 32, 0)  # e_shoff
        struct.pack_into(order + "HH", image, 60 if wide else 48, 0, 0)  # e_shnum, e_shstrndx
        path.write_bytes(image)
        return path
