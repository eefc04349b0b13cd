"""What the documents must say because of what the source does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SKIPS = {"skip", "skipif", "importorskip", "xfail"}


def reasons(path: Path) -> list[str]:
    """Return the reason of each skip in a file of tests; one without a literal reason is ''."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {id(call.func) for call in calls}
    bare = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and is_skip(node) and id(node) not in called
    ]
    return [reason(call) for call in calls if is_skip(call.func)] + [""] * len(bare)


def is_skip(node: ast.expr) -> bool:
    """Say whether it is ``pytest.skip`` or ``pytest.mark.skipif`` and the like."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in SKIPS
        and ast.unparse(node.value) in {"pytest", "pytest.mark"}
    )


def reason(call: ast.Call) -> str:
    given = [word.value for word in call.keywords if word.arg in {"reason", "msg"}]
    if not given and isinstance(call.func, ast.Attribute) and call.func.attr == "skip":
        given = call.args[:1]
    found = given[0] if given else None
    return found.value if isinstance(found, ast.Constant) and isinstance(found.value, str) else ""


def test_every_skip_is_in_the_document_with_its_reason() -> None:
    page = " ".join((ROOT / "docs/testing.md").read_text(encoding="utf-8").split())
    unsaid = [
        f"{path.relative_to(ROOT)}: {why or 'a skip without a reason'}"
        for path in TESTS
        for why in reasons(path)
        if not why or why not in page
    ]
    assert unsaid == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pytest.skip('because')", ["because"]),
        ("@pytest.mark.skipif(no_root, reason='needs root')\ndef test_x(): ...", ["needs root"]),
        ("@pytest.mark.skip\ndef test_x(): ...", [""]),
        ("pytest.importorskip('numpy')", [""]),
        ("shelf.skip('nothing')", []),
    ],
)
def test_skips_are_found(tmp_path: Path, line: str, expected: list[str]) -> None:
    (tmp_path / "x.py").write_text(line)
    assert reasons(tmp_path / "x.py") == expected


def test_the_changelog_has_room_for_the_next_change() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## .*$", text, re.MULTILINE)
    assert headings
    assert headings[0].startswith("## [Unreleased]")
