"""An ELF file whose fields can be read and written, so that a test can damage one place at a time."""

import pathlib
import struct

PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
SHT_SYMTAB, SHT_STRTAB, SHT_DYNSYM = 2, 3, 11
DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SONAME, DT_RUNPATH = 1, 4, 5, 6, 10, 14, 29
DT_GNU_HASH = 0x6FFFFEF5

HEADER = ["type", "machine", "version", "entry", "phoff", "shoff", "flags", "ehsize", "phentsize", "phnum",
          "shentsize", "shnum", "shstrndx"]
SECTION = ["name", "type", "flags", "addr", "offset", "size", "link", "info", "addralign", "entsize"]
SEGMENT = {64: ["type", "flags", "offset", "vaddr", "paddr", "filesz", "memsz", "align"],
           32: ["type", "offset", "vaddr", "paddr", "filesz", "memsz", "flags", "align"]}
DYNAMIC = ["tag", "value"]


class Elf:
    """The bytes of a file of either class and byte order."""

    def __init__(self, path: pathlib.Path) -> None:
        self.bytes = bytearray(path.read_bytes())
        self.wide = 64 if self.bytes[4] == 2 else 32
        order, word = "<" if self.bytes[5] == 1 else ">", "Q" if self.wide == 64 else "I"
        self.formats = {
            "header": (struct.Struct(f"{order}HHI{3 * word}I6H"), HEADER),
            "section": (struct.Struct(f"{order}II{4 * word}II{2 * word}"), SECTION),
            "segment": (struct.Struct(f"{order}II6{word}" if self.wide == 64 else f"{order}8I"), SEGMENT[self.wide]),
            "dynamic": (struct.Struct(f"{order}2{word}"), DYNAMIC),
            "word": (struct.Struct(f"{order}I"), ["value"]),
        }

    def size(self, kind: str) -> int:
        return self.formats[kind][0].size

    def get(self, kind: str, at: int) -> dict[str, int]:
        form, names = self.formats[kind]
        return dict(zip(names, form.unpack_from(self.bytes, at)))

    def set(self, kind: str, at: int, **changed: int) -> None:
        form, names = self.formats[kind]
        record = {**self.get(kind, at), **changed}
        form.pack_into(self.bytes, at, *(record[name] for name in names))

    @property
    def header(self) -> dict[str, int]:
        return self.get("header", 16)

    def set_header(self, **changed: int) -> None:
        self.set("header", 16, **changed)

    def sections(self) -> list[int]:
        """The offsets of the section headers."""
        return [self.header["shoff"] + i * self.size("section") for i in range(self.header["shnum"])]

    def segments(self) -> list[int]:
        return [self.header["phoff"] + i * self.size("segment") for i in range(self.header["phnum"])]

    def section(self, type: int) -> int:
        return next(at for at in self.sections() if self.get("section", at)["type"] == type)

    def segment(self, type: int) -> int:
        return next(at for at in self.segments() if self.get("segment", at)["type"] == type)

    def entry(self, tag: int) -> int:
        """The offset of the dynamic entry with this tag."""
        dynamic = self.get("segment", self.segment(PT_DYNAMIC))
        places = range(dynamic["offset"], dynamic["offset"] + dynamic["filesz"], self.size("dynamic"))
        return next(at for at in places if self.get("dynamic", at)["tag"] == tag)

    def offset(self, address: int) -> int:
        """The offset in the file of the bytes that are loaded at an address."""
        for at in self.segments():
            segment = self.get("segment", at)
            if segment["type"] == PT_LOAD and 0 <= address - segment["vaddr"] < segment["filesz"]:
                return segment["offset"] + address - segment["vaddr"]
        raise ValueError(hex(address))

    def boundaries(self) -> list[int]:
        """Every offset at which a part of the file begins or ends."""
        places = {0, 1, 3, 4, 5, 15, 16, self.header["ehsize"], len(self.bytes) - 1}
        for kind, starts in (("section", self.sections()), ("segment", self.segments())):
            for at in starts:
                record = self.get(kind, at)
                places |= {at, at + self.size(kind), record["offset"],
                           record["offset"] + (record["size"] if kind == "section" else record["filesz"])}
        return sorted(place for place in places if place < len(self.bytes))
