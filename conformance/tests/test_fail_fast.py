"""--fail-fast: the run ends with what decides its verdict, and with nothing else."""

import pytest
from conftest import fixture_path


@pytest.fixture
def page():
    return fixture_path("page_example")


def test_the_first_finding_ends_the_run(assay, page):
    result = assay.judge(page, "--effort", "quick", "--jobs", 1, "--fail-fast")
    assert result.status == 1
    assert result.broken_musts() <= {
        "alignment/allocate",
        "alignment/allocate-zeroed",
        "alignment/reallocate",
        "alignment/above-page",
    }
    assert 0 < len(result.report["scenarios"]) < result.report["left_out"]
    assert f"; {result.report['left_out']} left out\n" in result.out
    left = [clause for clause in result.report["clauses"] if clause["note"] == "the run ended before its turn"]
    assert left and {clause["verdict"] for clause in left} == {"not-exercised"}


def test_without_a_finding_nothing_is_left_out(assay, reference):
    asked = [reference, "--clause", "zeroing/*", "--effort", "quick"]
    patient, hasty = assay.judge(*asked), assay.judge(*asked, "--fail-fast")
    assert hasty.status == patient.status == 0
    assert hasty.report["left_out"] == 0 and hasty.verdicts() == patient.verdicts()
    assert {s["name"] for s in hasty.report["scenarios"]} == {s["name"] for s in patient.report["scenarios"]}


def test_what_is_not_asked_for_does_not_end_it(assay, page):
    """Every scenario about zeroing also meets blocks that are not aligned."""
    result = assay.judge(page, "--clause", "zeroing/*", "--scenario", "*", "--effort", "quick", "--fail-fast")
    assert result.status == 0 and result.report["left_out"] == 0, result.out


def test_quality_ends_it_where_quality_is_asked_for(assay):
    about = ["--clause", "deallocate/reuse", "--clause", "hygiene/no-exec"]
    asked = [fixture_path("shelves_never_reuses"), *about, "--effort", "quick", "--jobs", 1, "--fail-fast"]
    assert assay.judge(*asked).report["left_out"] == 0
    assert assay.judge(*asked, "--level", "should").report["left_out"] > 0


def test_a_waived_finding_does_not_end_it(assay, page, tmp_path):
    (tmp_path / "all").write_text("[alignment/*]\nreason = known\n[zeroing/*]\ncandidate = *other.so\nreason = known\n")
    (tmp_path / "another").write_text("[alignment/*]\nmessage = allocate(size 4097\nreason = known\n")
    asked = [page, "--effort", "quick", "--jobs", 1, "--fail-fast", "--waivers"]
    waived = assay.judge(*asked, "all")
    assert waived.status == 0 and waived.report["left_out"] == 0, waived.out
    news = assay.judge(*asked, "another")
    assert news.status == 1 and news.report["left_out"] > 0
    assert "stale" not in news.err, "what the waiver covers may not have had its turn"


def test_a_soak_ends_with_the_round_that_has_it(assay, page, reference):
    result = assay.judge(
        page,
        reference,
        "--clause",
        "alignment/allocate",
        "--scenario",
        "alignment/sweep",
        "--effort",
        "soak",
        "--fail-fast",
    )
    assert result.status == 1 and [report["verdict"] for report in result.report] == ["violates", "conforms"]
    assert result.err.count("round ") == 1


def test_each_candidate_has_its_own_run(assay, page, reference):
    result = assay.judge(page, reference, "--clause", "alignment/*", "--effort", "quick", "--fail-fast")
    assert result.status == 1
    assert [report["verdict"] for report in result.report] == ["violates", "conforms"]
