"""A contract that has outgrown its tables says so, before it writes behind them."""

import signal
import subprocess

import pytest
from conftest import ROOT

GROUP = """
#include "conformance/contract.h"
static const struct clause clauses_of_{n}[] = {{[0 ... {clauses} - 1] = {{.id = "a/b"}}}};
static const struct scenario scenarios_of_{n}[] = {{[0 ... {scenarios} - 1] = {{.name = "a/c", .clauses = "*"}}}};
CLAUSE_GROUP(group_{n}, "group-{n}", {n}, clauses_of_{n}, scenarios_of_{n});
"""


@pytest.mark.parametrize("groups, clauses, scenarios, complaint", [
    (32, 3, 8, None), (129, 1, 1, "more groups of clauses than the 128"), (2, 49, 1, "more clauses than the 96"),
    (1, 97, 1, "more clauses than the 96"), (2, 1, 129, "more scenarios than the 256"),
])
def test_capacity(tmp_path, groups, clauses, scenarios, complaint):
    texts = [GROUP.format(n=n, clauses=clauses, scenarios=scenarios) for n in range(groups)]
    (tmp_path / "groups.c").write_text("".join(texts) + "int main(void) { return 0; }\n")
    subprocess.run(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-fsanitize=bounds", "-fsanitize-undefined-trap-on-error",
                    "-I", ROOT, "-o", "full", "groups.c", ROOT / "conformance/contract.c",
                    ROOT / "conformance/contracts/rust.c"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "full"], capture_output=True, text=True)
    assert done.returncode == (-signal.SIGABRT if complaint else 0), done
    assert (complaint in done.stderr) if complaint else done.stderr == ""
