"""The reference allocator needs no allocator, and little more of the C library than page mapping."""

import os
import subprocess

import pytest

# The Makefile builds the library there.
LIBRARY = os.path.join(os.environ.get("BUILD", "build"), "libreference_alloc.so")

PAGE_MAPPING = {"mmap", "mmap64", "munmap", "mremap", "madvise", "__errno_location"}  # the allocator restores errno
EMITTED_BY_COMPILERS = {"memcpy", "memmove", "memset", "__tls_get_addr", "__aeabi_read_tp"}
EXPORTED = {
    "__rust_allocate",
    "__rust_allocate_zeroed",
    "__rust_deallocate",
    "__rust_reallocate",
    "__rust_reallocate_inplace",
    "__rust_usable_size",
    "reference_alloc_invariants_hold",
    "reference_alloc_stats",
}


def dynamic_symbols(*options: str) -> set[str]:
    listing = subprocess.run(["nm", "-D", *options, LIBRARY], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1].split("@")[0] for line in listing.splitlines()}


@pytest.fixture(autouse=True)
def plain_build() -> None:
    needed = dynamic_symbols("--undefined-only")
    if any(symbol.startswith(("__asan", "__tsan", "__ubsan")) for symbol in needed):
        pytest.skip("built with a sanitizer, which brings needs of its own")


def test_needs_only_page_mapping() -> None:
    needed = dynamic_symbols("--undefined-only")
    assert needed - PAGE_MAPPING - EMITTED_BY_COMPILERS == set()
    assert "munmap" in needed, "the list was read"


def test_exports_the_six_and_the_test_calls() -> None:
    assert dynamic_symbols("--defined-only") == EXPORTED


def test_needs_no_library_but_libc() -> None:
    section = subprocess.run(["readelf", "-d", LIBRARY], check=True, capture_output=True, text=True).stdout
    needed = [line.split("[")[1].rstrip("]") for line in section.splitlines() if "(NEEDED)" in line]
    assert all(name.startswith(("libc.", "ld-", "libgcc_s.")) for name in needed), needed


def test_has_no_constructor_and_no_executable_stack() -> None:
    headers = subprocess.run(["readelf", "-lSW", LIBRARY], check=True, capture_output=True, text=True).stdout
    assert ".init_array" not in headers
    assert not any("GNU_STACK" in line and "RWE" in line for line in headers.splitlines())
