from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from include.embedded.home import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

STDLIB = sys.stdlib_module_names
MODULES = (
    "install", "interpreter", "environments", "stamps", "guard", "preparation", "pins", "home",
    "ports", "credentials", "environment", "console", "remains",
)  # fmt: skip


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", "import runpy, sys; sys.path.insert(0, '.');"
         "runpy.run_module('include.embedded.install', run_name='__main__', alter_sys=True)",
         *arguments],
        env={"PATH": os.environ["PATH"], **environ},
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_set_up_needs_the_standard_library_only(module: str) -> None:
    tree = ast.parse((REPOSITORY / "include" / "embedded" / f"{module}.py").read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else
                     [alias.name for alias in node.names])
    }  # fmt: skip
    assert imported - STDLIB <= {"include"}


@pytest.mark.parametrize("module", MODULES)
def test_an_older_python_can_read_it_far_enough_to_be_refused(module: str) -> None:
    source = (REPOSITORY / "include" / "embedded" / f"{module}.py").read_text()
    ast.parse(source, feature_version=(3, 8))


@pytest.mark.parametrize("verb", ["down", "status", "clean"])
def test_nothing_installed_is_no_error(tmp_path: Path, verb: str) -> None:
    done = run(verb, AIRWORTHY_HOME=str(tmp_path / "home"))
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_verb_is_one_line(tmp_path: Path) -> None:
    done = run("fly", AIRWORTHY_HOME=str(tmp_path))
    assert done.returncode == 1
    assert re.fullmatch(r"airworthy: unknown verb \(got 'fly'\)\..*\n", done.stderr)


def test_a_wrong_python_is_one_line(tmp_path: Path) -> None:
    done = run("up", AIRWORTHY_HOME=str(tmp_path), AIRWORTHY_PYTHON="/bin/false")
    assert done.returncode == 1
    assert re.fullmatch(r"airworthy: Python 3\.11 or 3\.12 is needed.*\n", done.stderr)


def test_every_verb_of_the_makefile_is_known(tmp_path: Path) -> None:
    verbs = re.findall(r"\$\(run\) ([\w-]+)", (REPOSITORY / "Makefile").read_text())
    assert {"demo", "up", "test", "test-cluster", "clean", "check", "soak", "lock-check"} <= set(
        verbs
    )
    for verb in verbs:
        done = run(verb, AIRWORTHY_HOME=str(tmp_path), AIRWORTHY_PYTHON="/bin/false")
        assert "unknown verb" not in done.stderr
