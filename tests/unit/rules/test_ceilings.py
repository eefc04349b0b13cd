"""The ceilings of CONTRIBUTING.md, measured on the source itself."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("dags", "include", "operators", "plugins", "sensors")
SOURCES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "node_modules" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
PAGES = sorted((ROOT / "plugins/airworthy/ui/src").rglob("*.tsx"))
CHART_TEMPLATES = sorted((ROOT / "charts").rglob("templates/**/*.yaml"))
BANNED_MODULES = {"utils", "util", "common", "helpers", "helper", "manager", "misc"}
MODULE_LINES, FUNCTION_LINES, ARGUMENTS, OPERATOR_ARGUMENTS, DAG_LINES = 300, 30, 5, 8, 100
PAGE_LINES, TEMPLATE_LINES = 150, 100
MOCKS_PER_TEST = 0.1


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def argument_count(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return len([a for a in named if a.arg not in {"self", "cls"}])


def allowed_arguments(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    airflow_side = path.is_relative_to(ROOT / "operators") or path.is_relative_to(ROOT / "sensors")
    is_command = path.is_relative_to(ROOT / "include" / "cli") and bool(function.decorator_list)
    is_wide = (airflow_side and function.name == "__init__") or is_command
    return OPERATOR_ARGUMENTS if is_wide else ARGUMENTS


def test_there_is_source_to_measure() -> None:
    assert len(SOURCES) > 20


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_module_keeps_its_ceilings(path: Path) -> None:
    limit = DAG_LINES if path.parent == ROOT / "dags" else MODULE_LINES
    assert lines(path) <= limit, f"{lines(path)} lines"
    assert path.stem not in BANNED_MODULES
    for function in functions(path):
        where = f"{function.name} (line {function.lineno})"
        assert body_lines(function) <= FUNCTION_LINES, f"{where}: {body_lines(function)} lines"
        limit = allowed_arguments(path, function)
        assert argument_count(function) <= limit, f"{where}: {argument_count(function)} arguments"


def test_modules_of_tests_keep_their_ceiling() -> None:
    assert {name(path): lines(path) for path in TESTS if lines(path) > MODULE_LINES} == {}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_page_keeps_its_ceiling(path: Path) -> None:
    assert lines(path) <= PAGE_LINES


@pytest.mark.parametrize("path", CHART_TEMPLATES or [None], ids=str)
def test_chart_template_keeps_its_ceiling(path: Path | None) -> None:
    assert path is None or lines(path) <= TEMPLATE_LINES


def test_tests_hardly_mock() -> None:
    text = [path.read_text(encoding="utf-8") for path in TESTS if path != Path(__file__)]
    mocks = sum(len(re.findall(r"\b(?:patch|Mock|MagicMock|AsyncMock)\(", t)) for t in text)
    tests = sum(len(re.findall(r"^\s*(?:async )?def test_", t, re.MULTILINE)) for t in text)
    assert tests > 0
    assert mocks / tests <= MOCKS_PER_TEST, f"{mocks} mocks in {tests} tests"


def test_no_unfinished_marks() -> None:
    marks = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    found = [name(p) for p in SOURCES if marks.search(p.read_text(encoding="utf-8"))]
    assert found == []


def test_no_path_or_address_of_a_build_machine() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    suspicious = re.compile(r"/(?:root|home/[a-z]+)/|\.pyenv|index-url|resolved\": \"http")
    found = [
        file
        for file in tracked
        if file
        and (ROOT / file).suffix in {".py", ".yaml", ".toml", ".txt", ".json", ".md", ".ts"}
        and file != name(Path(__file__))
        and (ROOT / file).is_file()
        and suspicious.search((ROOT / file).read_text(encoding="utf-8"))
    ]
    assert found == []
