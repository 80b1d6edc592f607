"""Calls that come first: before the library's constructor, in a process, in a thread."""

import pytest
from conftest import fixture_path
from test_loading import build

EARLY = ("--binding", "malloc", "--effort", "quick", "--scenario", "early/calls")

FIRST = r"""
#include <stdlib.h>
#include <string.h>
void *__libc_malloc(size_t);
void *__libc_realloc(void *, size_t);
void __libc_free(void *);
static __thread __attribute__((tls_model("initial-exec"))) int begun, calls_of_others;
static void own(void)
{
    if (!begun && calls_of_others > 0)
        abort(); /* somebody came before this thread's first call */
    begun = 1;
}
void *malloc(size_t size) { return calls_of_others++, __libc_malloc(size); }
void free(void *p) { calls_of_others += p != NULL, __libc_free(p); }
void *first_allocate(size_t size) { return own(), __libc_malloc(size); }
void first_free(void *p) { own(), __libc_free(p); }
void *first_resize(void *p, size_t size) { return own(), __libc_realloc(p, size); }
"""

BINDING = """[binding]
load = preload
max_align = 8
{init}
[allocate]
call = first_allocate(size)
[deallocate]
call = first_free(ptr)
[reallocate]
call = first_resize(ptr, size)
"""


def test_an_arena_for_what_comes_before_the_constructor_is_innocent(assay):
    done = assay.judge(fixture_path("early_arena"), *EARLY)
    assert (done.status, done.violated()) == (0, set())
    assert done.verdicts()["early/calls"] == "holds"


@pytest.mark.parametrize("fixture, operation", [("early_forgotten", "deallocate"), ("early_unready", "allocate")])
def test_what_the_early_hour_breaks(assay, fixture, operation):
    done = assay.judge(fixture_path(fixture), *EARLY)
    assert (done.status, done.violated()) == (1, {"early/calls"})
    (finding,) = next(clause for clause in done.report["clauses"] if clause["id"] == "early/calls")["findings"]
    assert finding["message"].startswith(operation)
    assert (
        assay.judge(
            fixture_path(fixture), "--binding", "malloc", "--effort", "quick", "--scenario", "abi/all-operations"
        ).status
        == 0
    )  # later it is as good as any


def test_what_breaks_at_any_hour_is_not_charged_to_the_early_one(assay, tmp_path):
    broken = (
        FIRST
        + r"""
    void *realloc(void *p, size_t size) { return p == NULL ? malloc(size) : (abort(), NULL); }
    void *calloc(size_t n, size_t size)
    {
        void *p = malloc(n * size);
        return p == NULL ? NULL : memset(p, 0, n * size);
    }
    void *__libc_memalign(size_t, size_t);
    int posix_memalign(void **out, size_t align, size_t size)
    {
        return *out = __libc_memalign(align, size), *out == NULL ? 12 : 0;
    }
    size_t malloc_usable_size(void *p) { return p == NULL ? 0 : 1; }
    """
    )
    done = assay.judge(build(tmp_path, "broken", broken), *EARLY)
    assert done.status == 1 and "early/calls" not in done.violated() and "abi/returns" in done.violated()


def test_nobody_is_early_who_is_opened_or_started(assay, tmp_path, reference):
    done = assay.judge(reference, "--effort", "quick", "--clause", "early/calls", "--scenario", "abi/symbols")
    assert done.verdicts()["early/calls"] == "not-applicable"
    library = build(tmp_path, "first", FIRST + "void first_start(void) { own(); }\n")
    (tmp_path / "started.binding").write_text(BINDING.format(init="init = first_start()"))
    done = assay.judge(library, "--binding", "started.binding", "--effort", "quick", "--scenario", "abi/all-operations")
    assert done.verdicts()["early/calls"] == "not-applicable"


@pytest.mark.parametrize(
    "scenario", ["abi/all-operations", "early/calls", "exhaustion/first-call", "threads/short-lives"]
)
def test_the_harness_calls_nothing_before_the_first_call(assay, tmp_path, scenario):
    library = build(tmp_path, "first", FIRST)
    (tmp_path / "first.binding").write_text(BINDING.format(init=""))
    done = assay.judge(library, "--binding", "first.binding", "--effort", "quick", "--scenario", scenario)
    assert (done.status, done.violated()) == (0, set()), done.out
