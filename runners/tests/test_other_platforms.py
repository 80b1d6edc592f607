"""assay gives the same verdicts on another platform, and a trace from one platform replays on another.

Every platform of the table that is built and can be run is tested. `make PLATFORM=armhf` builds one. `make check`
builds i686 unless told otherwise.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", "build"))
BUILD = BUILD if BUILD.is_absolute() else TOP / BUILD
NAMES = [line.split("\t")[0] for line in (TOP / "runners/platforms/platforms.tsv").read_text().splitlines()
         if not line.startswith("#")]
PATIENCE_S = 900
# the bug does not depend on addresses, so any trace that shows it shows it on every platform
BROKEN = "fixtures/toy_loses_tail.so"


def on(platform, *arguments, cwd):
    environment = {**os.environ, "ASSAY_BUILD": str(BUILD), "ASSAY_BINDINGS": str(TOP / "conformance/bindings")}
    command = ["sh", TOP / "runners/on", platform, "assay", *arguments]
    return subprocess.run(list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True,
                          timeout=PATIENCE_S)


def tree(platform):
    return BUILD if platform == "native" else BUILD / platform


@pytest.fixture(params=NAMES)
def there(request):
    parts = ("assay", "libreference_alloc.so", BROKEN)
    if not all((tree(request.param) / part).exists() for part in parts):
        pytest.skip(f"`make PLATFORM={request.param}` has not been run")
    done = on(request.param, "--version", cwd=TOP)
    if done.returncode == 2 and "is missing" in done.stderr:
        pytest.skip(done.stderr.strip())
    return request.param


def runs_threads(platform):
    """Can the platform run threads? Some emulators cannot, and their runner says so."""
    script = f'runners={TOP}/runners; . {TOP}/runners/platforms/lib.sh; find_platform {platform}; echo "$runner_lacks"'
    said = subprocess.run(["sh", "-c", script], env={**os.environ, "ASSAY_BUILD": str(BUILD)}, capture_output=True,
                          text=True, check=True)
    return "threads" not in said.stdout


def test_the_reference_allocator_conforms(there, tmp_path):
    done = on(there, "run", tree(there) / "libreference_alloc.so", "--effort", "quick", "--json", "v.json",
              cwd=tmp_path)
    report = json.loads((tmp_path / "v.json").read_text())
    open_clauses = {clause["id"] for clause in report["clauses"] if clause["required"]
                    and clause["verdict"] == "not-exercised"}
    verdict = "undecided" if open_clauses else "conforms"
    assert (report["verdict"], report["candidate"]["platform"]) == (verdict, there), done.stdout + done.stderr
    assert open_clauses == (set() if runs_threads(there)
                            else {"threads/concurrent", "threads/foreign-free", "threads/progress"})
    assert sum(clause["verdict"] == "holds" for clause in report["clauses"]) > 35 - len(open_clauses)


@pytest.mark.parametrize("away", [True, False], ids=["recorded here", "recorded there"])
def test_a_trace_recorded_on_one_platform_replays_on_another(there, away, tmp_path):
    source, target = ("native", there) if away else (there, "native")
    recorded = on(source, "run", tree(source) / BROKEN, "--clause", "reallocate/contents", "--effort", "quick",
                  "--results", "kept", cwd=tmp_path)
    assert recorded.returncode == 1, recorded.stdout + recorded.stderr
    trace = "kept/toy_loses_tail.so/reallocate-contents.trace"
    broken = on(target, "replay", trace, tree(target) / BROKEN, cwd=tmp_path)
    assert broken.returncode == 1 and "reallocate/contents" in broken.stdout, broken.stdout + broken.stderr
    kept = on(target, "replay", trace, tree(target) / "libreference_alloc.so", cwd=tmp_path)
    assert kept.returncode == 0, kept.stdout + kept.stderr
