"""The options and hooks of the plugin."""

import os
import shutil
import tempfile
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import Optional

import pytest

from .items import SUBJECTS, TOOL, Contract
from .once import Once
from .summary import Summary
from .tool import NATIVE, RUNNERS, Subject, Tool, ToolError

SHARED = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("assay", "allocator conformance")
    add = group.addoption
    add("--candidate", action="append", default=[], metavar="FILE",
        help="The library to judge; repeatable. {platform} in the path is replaced")
    add("--binding", action="append", default=[], metavar="NAME|FILE",
        help="How its operations are spelt (default: the most specific binding that fits); repeatable. "
             "Every binding is used for every candidate")
    add("--platform", action="append", default=[], metavar="NAME",
        help="Where to judge it (default: native); repeatable")
    add("--assay", metavar="PATH",
        help="The program (default: build/assay of this source tree, or the one installed with this plugin)")
    add("--clause", dest="assay_clause", action="append", default=[], metavar="GLOB",
        help="Judge only these clauses; repeatable")
    add("--level", dest="assay_level", choices=["must", "should"],
        help="With should, quality clauses fail too (default: must)")
    add("--effort", dest="assay_effort", choices=["quick", "standard", "soak"],
        help="How long to judge (default: standard)")
    add("--seed", dest="assay_seed", metavar="N", help="The same seed gives the same calls (default: 1)")
    add("--waivers", dest="assay_waivers", metavar="FILE", help="A file of findings that are known and accepted")
    add("--results", dest="assay_results", default="", metavar="DIR",
        help="The directory for programs that reproduce findings")
    add("--verdicts", dest="assay_verdicts", default="", metavar="DIR",
        help="The directory for the verdicts as assay wrote them")


# ---- the session ----


def shared_directory(config: pytest.Config) -> str:
    """The directory that all processes of the session share. The controller makes it and tells the workers."""
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        return worker["assay_shared"]
    config.stash[SHARED] = tempfile.mkdtemp(prefix="assay-pytest-")
    return config.stash[SHARED]


def run_options(config: pytest.Config) -> tuple[str, ...]:
    option = config.option
    pairs = [("--level", option.assay_level), ("--effort", option.assay_effort), ("--seed", option.assay_seed),
             ("--waivers", option.assay_waivers)] + [("--clause", glob) for glob in option.assay_clause]
    return tuple(word for name, value in pairs if value is not None for word in (name, value))


def find_program(config: pytest.Config) -> Path:
    """`--assay`, the program built in this source tree, or the one installed with this plugin.

    An installed plugin stands in PREFIX/share/assay/runners, and its program in PREFIX/bin.
    """
    if any(name != NATIVE for name in platforms(config)) and not (RUNNERS / "on").exists():
        raise pytest.UsageError("--platform: other platforms need a source tree of assay; this plugin is installed")
    is_installed = RUNNERS.parts[-3:] == ("share", "assay", "runners")
    program = RUNNERS.parents[2] / "bin/assay" if is_installed else RUNNERS.parent / "build/assay"
    if config.option.assay:
        program = Path(config.invocation_params.dir) / config.option.assay
    if NATIVE in platforms(config) and not os.access(program, os.X_OK):
        raise pytest.UsageError(f"{program}: no such program; `make` builds it, --assay names another")
    return program


def platforms(config: pytest.Config) -> list[str]:
    return list(dict.fromkeys(config.option.platform)) or [NATIVE]


def subjects(config: pytest.Config) -> list[Subject]:
    option = config.option
    combined = product(option.candidate, option.binding or [""], platforms(config))
    return list(dict.fromkeys(Subject(c.replace("{platform}", p), b, p) for c, b, p in combined))


def pytest_configure(config: pytest.Config) -> None:
    if not config.option.candidate:
        return
    config.pluginmanager.register(Summary(), "assay-summary")
    program = find_program(config)
    start = Path(config.invocation_params.dir)
    option = config.option
    config.stash[TOOL] = Tool(program, run_options(config), option.assay_results, option.assay_verdicts, start,
                              Once(Path(shared_directory(config))))
    config.stash[SUBJECTS] = subjects(config)
    check_globs(config)


def check_globs(config: pytest.Config) -> None:
    globs = config.option.assay_clause
    try:
        ids = [clause["id"] for clause in config.stash[TOOL].clauses(platforms(config)[0])] if globs else []
    except ToolError as problem:
        raise pytest.UsageError(str(problem)) from problem
    for glob in globs:
        if not any(fnmatchcase(clause, glob) for clause in ids):
            raise pytest.UsageError(f"--clause: '{glob}' matches no clause; `assay list` lists them")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:  # pytest-xdist calls it in the controller, once for each worker
    if SHARED in node.config.stash:
        node.workerinput["assay_shared"] = node.config.stash[SHARED]


def pytest_unconfigure(config: pytest.Config) -> None:
    if SHARED in config.stash:
        shutil.rmtree(config.stash[SHARED], ignore_errors=True)


def pytest_report_header(config: pytest.Config) -> Optional[list[str]]:
    if TOOL not in config.stash:
        return None
    tool = config.stash[TOOL]
    lines = [f"assay: {tool.program} {' '.join(tool.options)}".rstrip()]
    return lines + [f"candidate: {subject.name}" for subject in config.stash[SUBJECTS]]


# ---- collecting ----


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> Optional[bool]:
    """A user who judges a candidate does not want the tests of this directory."""
    return True if config.option.candidate and collection_path == RUNNERS / "tests" else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Optional[Contract]:
    if file_path != RUNNERS / "contract.assay" or TOOL not in parent.config.stash:
        return None
    return Contract.from_parent(parent, path=file_path)
