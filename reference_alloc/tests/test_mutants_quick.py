"""A sample of the seeded faults is convicted, and every odd but correct variant is acquitted. `make mutants` judges all
faults, at three seeds."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
VARIANTS = sorted(path for path in (ROOT / "reference_alloc/variants").iterdir() if path.suffix in (".patch", ".c"))


def judge(*arguments, **environment):
    done = subprocess.run(
        [sys.executable, ROOT / "reference_alloc/mutants.py", "--assay", str(BUILD / "assay"), "--build", str(BUILD),
         "--seeds", "1", "--jobs", "2",
         *arguments],
        capture_output=True, text=True,
        env={**os.environ, "ASSAY_BINDINGS": str(ROOT / "conformance/bindings"), **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_sample_of_faults_is_convicted():
    convicted, of = re.search(r"convicted (\d+) of (\d+)",
                              judge("--what", "faults", "--every", "8", "--narrow")).groups()
    assert convicted == of and int(of) >= 20


def test_every_variant_is_acquitted():
    innocent = [*VARIANTS, *(ROOT / "reference_alloc/companions").glob("*.c")]
    assert f"acquitted {len(innocent)} of {len(innocent)}" in judge("--what", "variants", "--effort", "quick")


def test_what_the_platform_cannot_show_is_listed_and_decides_nothing():
    only = ["--only", "lock-order", "--only", "align-ignored", "--only", "buddy"]
    said = judge("--narrow", "--effort", "quick", *only, ASSAY_PLATFORM_LACKS="threads")
    assert "convicted 1 of 1, acquitted 0 of 0" in said
    for name in ("lock-order", "buddy"):
        assert f"not judged here: {name}: not asked here, where the platform lacks threads" in said


def test_every_fault_says_what_it_is():
    names = set()
    for path in (ROOT / "reference_alloc/faults").glob("*.patch"):
        head = path.read_text().split("\n\n")[0]
        assert "Clause: " in head and "About: " in head, path
        assert re.search("Form: (blunt|subtle|chance)$", head, re.MULTILINE), path
        names.add(path.stem)
    assert len(names) >= 90
    assert len(VARIANTS) >= 16
