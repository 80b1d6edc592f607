"""closure_pyelftools.py FILE...: prints which objects provide and need the malloc family, in each file and its
libraries.

This is what one would write with pyelftools and without assay. It follows DT_NEEDED through DT_RPATH or DT_RUNPATH, the
cache of the loader and the default directories. It reads every file once, however many need it, and prints one line per
file. Much of the rule is left out: the benchmark only measures how fast files can be read in this way.
"""

import functools
import os
import subprocess
import sys
from typing import NamedTuple, Optional

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

FAMILY = {"malloc", "free", "calloc", "realloc", "aligned_alloc", "malloc_usable_size", "memalign", "posix_memalign",
          "pvalloc", "valloc"}
DEFAULTS = ["/lib", "/usr/lib", "/lib64", "/usr/lib64"]


class Library(NamedTuple):
    path: str
    machine: str
    needed: list[str]
    directories: list[str]
    defines: frozenset[str]
    wants: frozenset[str]


@functools.lru_cache(maxsize=None)
def read(path: str) -> Optional[Library]:
    try:
        with open(path, "rb") as file:
            elf = ELFFile(file)
            dynamic = elf.get_section_by_name(".dynamic")
            needed, directories = [], []
            for tag in dynamic.iter_tags() if dynamic else ():
                if tag.entry.d_tag == "DT_NEEDED":
                    needed.append(tag.needed)
                elif tag.entry.d_tag in ("DT_RPATH", "DT_RUNPATH"):
                    value = tag.rpath if tag.entry.d_tag == "DT_RPATH" else tag.runpath
                    directories += [d.replace("$ORIGIN", os.path.dirname(path)) for d in value.split(":")]
            defines, wants = set(), set()
            for name in (".dynsym", ".symtab"):
                table = elf.get_section_by_name(name)
                for symbol in table.iter_symbols() if table else ():
                    if symbol.name in FAMILY:
                        (wants if symbol.entry.st_shndx == "SHN_UNDEF" else defines).add(symbol.name)
            return Library(path, elf.header.e_machine + str(elf.elfclass), needed, directories, frozenset(defines),
                           frozenset(wants))
    except (OSError, ELFError):
        return None


@functools.lru_cache(maxsize=None)
def cache() -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    for line in subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout.splitlines():
        name, arrow, path = line.partition(" => ")
        if arrow:
            paths.setdefault(name.split()[0], []).append(path)
    return paths


def find(name: str, asker: Library) -> Optional[Library]:
    places = [f"{directory}/{name}" for directory in asker.directories] + cache().get(name, [])
    for path in places + [f"{directory}/{name}" for directory in DEFAULTS]:
        found = read(os.path.realpath(path)) if os.path.exists(path) else None
        if found is not None and found.machine == asker.machine:
            return found
    return None


def closure(artifact: Library) -> list[Library]:
    loaded = [artifact]
    for asker in loaded:
        for name in asker.needed:
            found = find(name, asker)
            if found is not None and found not in loaded:
                loaded.append(found)
    return loaded


def main() -> None:
    for path in sys.argv[1:]:
        artifact = read(os.path.realpath(path))
        loaded = closure(artifact) if artifact else []
        provides = [library.path for library in loaded if {"malloc", "free"} <= library.defines]
        needs = [library.path for library in loaded if library.wants]
        print(path, len(loaded), ",".join(provides) or "-", len(needs))


main()
