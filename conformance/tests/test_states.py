"""States of a process that few programs enter: each convicts of what happened, and of nothing else."""

import pytest

from conftest import fixture_path

BINDING = """\
[binding]
about = a usable size of a request, and one of a block
contracts = rust-1.19
max_align = 16

[allocate]
call = both_allocate(size)

[deallocate]
call = both_free(ptr)

[reallocate]
steps = allocate, copy, deallocate

[usable_size]
call = both_of_size(size)
block = both_of_block(ptr)
"""


def judge_both(assay, tmp_path, name):
    binding = tmp_path / "both.binding"
    binding.write_text(BINDING)
    return assay.judge(fixture_path(name), "--binding", binding, "--scenario", "usable-size/*")


def test_a_block_may_hold_more_than_its_request_promises(assay, tmp_path):
    result = judge_both(assay, tmp_path, "usable_both")
    assert result.violated() == set(), result.out
    assert result.verdicts()["usable-size/at-least-size"] == "holds"


@pytest.mark.parametrize("name, clause", [
    ("usable_both_less", "usable-size/at-least-size"),
    ("usable_both_vast", "usable-size/slack-owned"),
])
def test_the_usable_size_of_a_block_is_held_against_that_of_its_request(assay, tmp_path, name, clause):
    result = judge_both(assay, tmp_path, name)
    assert result.violated() == {clause}, result.out


def test_what_breaks_in_any_thread_is_not_laid_to_small_stacks(assay):
    result = assay.judge(fixture_path("falls_beside_main"), "--scenario", "states/small-stacks")
    assert result.violated() == {"threads/concurrent"}, result.out


def test_a_race_is_no_matter_of_stacks(assay):
    result = assay.judge(fixture_path("falls_among_threads"), "--scenario", "states/small-stacks")
    assert result.violated() == set(), result.out
