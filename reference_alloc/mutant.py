"""The types of a seeded fault and a variant, and how one is built.

A fault is a file in faults/: header lines, an empty line, and a diff. The diff changes a file of the reference
allocator or one of its companions (companions/*.c, which have other, simpler designs). A variant is odd and innocent: a
diff or a C file in variants/, or a companion without changes. `Links:` names C files that become libraries of their
own, which the mutant then needs. A diff against reference_malloc.c, and a file that says
`Contract: malloc`, is judged by C's contract.
"""

import dataclasses
import fnmatch
import hashlib
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
MALLOC = "reference_malloc.c"  # C's functions over the allocator, which it includes
SOURCES = ["reference_alloc.c", "reference_alloc.h", "reference_alloc_kernel.h", "reference_alloc_invariants.h"]
# The unwind tables let a fault that raises an exception leave the function. On ARM, C has them only if asked.
FLAGS = [
    "-O2",
    "-g",
    "-std=gnu11",
    "-w",
    "-D_GNU_SOURCE",
    "-fPIC",
    "-fvisibility=hidden",
    "-fno-stack-protector",
    "-ftls-model=initial-exec",
    "-funwind-tables",
    "-shared",
    "-pthread",
]
SEEN = [flag for flag in FLAGS if flag != "-fvisibility=hidden"]  # companions do not mark what they export


@dataclasses.dataclass
class Mutant:
    name: str
    path: pathlib.Path
    clauses: list[str]  # empty: an innocent variant
    form: str
    about: str
    platform: str = ""
    links: list[str] = dataclasses.field(default_factory=list)
    contract: str = "rust-1.19"
    library: pathlib.Path | None = None
    verdicts: dict[int, str] = dataclasses.field(default_factory=dict)
    violated: dict[int, list[str]] = dataclasses.field(default_factory=dict)
    operations: int | None = None  # number in the shortest scenario that convicted it
    trace_lines: int | None = None  # None: no whole trace convicts it alone, as with threads
    limit: str = ""  # why a clause that a fault breaks, or a variant must keep, cannot be judged on this platform
    trouble: str = ""

    @property
    def is_companion(self) -> bool:
        return self.path.parent.name == "companions"

    @property
    def is_chance(self) -> bool:
        return self.form == "chance"

    @property
    def is_beyond(self) -> bool:
        """The result does not count when some of the clauses that the mutant breaks, or keeps, cannot be judged
        here."""
        return (
            bool(self.limit) and self.caught() == 0 and (bool(self.clauses) or "violates" not in self.verdicts.values())
        )

    def describes(self, clause: str) -> bool:
        return any(fnmatch.fnmatch(clause, glob) for glob in self.clauses)

    def convicted_at(self, seed: int) -> bool:
        return any(self.describes(clause) for clause in self.violated.get(seed, []))

    def caught(self) -> int:
        """The number of the judged seeds at which it was convicted."""
        return sum(self.convicted_at(seed) for seed in self.verdicts)


def read_header(path: pathlib.Path) -> dict[str, str]:
    """Reads the `Key: value` lines before the first empty line. In a C file, these are lines of its first comment."""
    header = {}
    for line in path.read_text().splitlines():
        match = re.match(r"[/ *]*(Clause|Form|About|Platform|Links|Contract): (.*?)(?: \*/)?$", line)
        if match:
            header[match[1]] = match[2]
        elif header and not line.strip(" */"):
            break
    return header


def contract_of(path: pathlib.Path, header: dict[str, str]) -> str:
    """What it is judged by: said in its header, or that of the file it changes."""
    return header.get("Contract", "malloc" if f"\n--- a/{MALLOC}\n" in path.read_text() else "rust-1.19")


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def load(directory: str, only: list[str]) -> list[Mutant]:
    mutants = []
    for path in sorted((HERE / directory).glob("*")):
        if path.suffix not in (".patch", ".c") or not any(fnmatch.fnmatch(path.stem, glob) for glob in only):
            continue
        header = read_header(path)
        mutants.append(
            Mutant(
                path.stem,
                path,
                words(header.get("Clause", "")),
                header.get("Form", "?"),
                header.get("About", "?"),
                header.get("Platform", ""),
                words(header.get("Links", "")),
                contract_of(path, header),
            )
        )
    return mutants


# ---- building ----


def base_of(mutant: Mutant) -> str:
    """The file that a diff changes. A C file is its own base. Without a diff, it is the unchanged allocator."""
    if mutant.path.suffix != ".patch":
        return str(mutant.path.relative_to(HERE))
    match = re.search(r"^--- a/(\S+)$", mutant.path.read_text(), re.MULTILINE)
    return match[1] if match else SOURCES[0]


def compile_library(
    cc: list[str], flags: list[str], source: pathlib.Path, library: pathlib.Path, needed: list[pathlib.Path]
) -> str:
    """Returns the compiler's message, or an empty text."""
    partial = library.with_suffix(".partial")
    linked = [
        f"-L{library.parent}",
        "-Wl,--no-as-needed",
        "-Wl,-rpath,$ORIGIN",
        *(f"-l:{other.name}" for other in needed),
    ]
    done = subprocess.run(
        [
            *cc,
            *flags,
            f"-I{source.parent}",
            f"-I{HERE}",
            f"-Wl,-soname,{library.name}",
            "-o",
            partial,
            source,
            *(linked if needed else []),
        ],
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        partial.rename(library)
    return "" if done.returncode == 0 else "does not compile: " + done.stderr.strip()[:200]


def patched_source(mutant: Mutant, sources: list[str], place: pathlib.Path) -> pathlib.Path | None:
    for name in sources:
        (place / name).parent.mkdir(exist_ok=True)
        shutil.copy(HERE / name, place / name)
    if "\n--- a/" in mutant.path.read_text():
        done = subprocess.run(["patch", "-s", "-p1", "-i", mutant.path], cwd=place, capture_output=True, text=True)
        if done.returncode != 0:
            mutant.trouble = "the patch does not apply: " + done.stdout.strip().replace("\n", " ")
            return None
    return place / sources[0]


def build(mutant: Mutant, where: pathlib.Path, cc: list[str]) -> None:
    """Sets mutant.library or mutant.trouble. A library that was built from the same text is reused."""
    base = base_of(mutant)
    sources = (
        [base] if base not in (MALLOC, *SOURCES) else [MALLOC, *SOURCES] if mutant.contract == "malloc" else SOURCES
    )
    flags = FLAGS if sources[-1] == SOURCES[-1] else SEEN
    texts = [mutant.path, *(HERE / name for name in [*sources, *mutant.links])]
    content = b"".join(path.read_bytes() for path in texts) + " ".join(cc + flags).encode()
    place = where / f"{mutant.name}-{hashlib.sha256(content).hexdigest()[:12]}"
    mutant.library = place / f"{mutant.name}.so"
    if mutant.library.exists():
        return
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    needed = [place / f"linked_{pathlib.Path(link).stem}.so" for link in mutant.links]
    for link, library in zip(mutant.links, needed):
        mutant.trouble = mutant.trouble or compile_library(cc, SEEN, HERE / link, library, [])
    source = patched_source(mutant, sources, place) if mutant.path.suffix == ".patch" else mutant.path
    if source is not None and not mutant.trouble:
        mutant.trouble = compile_library(cc, flags, source, mutant.library, needed)
