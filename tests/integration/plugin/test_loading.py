"""Airflow loads the plugin once, by entry point or from the plugins folder, and lightly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SITE = Path(sysconfig.get_path("purelib"))
ASK = """\
import json, sys
from airflow import plugins_manager
plugins, errors = plugins_manager._get_plugins()
ours = [p for p in plugins if p.name == "airworthy"]
print(json.dumps({
    "errors": errors,
    "sources": [str(p.source) for p in ours],
    "modules": [m for m in sys.modules if m.startswith(("plugins.", "include."))],
    "bare": [m for m in ("relay", "schema", "plugin", "bundle", "app") if m in sys.modules],
    "heavy": [m for m in ("alembic", "include.spec.model", "airflow.providers.slack.hooks.slack")
              if m in sys.modules],
    "lists": sorted(len(p.listeners) for p in ours),
}))
"""


def load(tmp_path: Path, **environ: str) -> dict[str, list[str]]:
    """Start Airflow's plugin loader in a process of its own."""
    ended = subprocess.run(
        [sys.executable, *(["-S"] if "PYTHONPATH" in environ else []), "-c", ASK],
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "AIRWORTHY"))},
            "AIRFLOW_HOME": str(tmp_path / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            **environ,
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.fixture
def not_installed(tmp_path: Path) -> str:
    """A path with every library of this environment and without our distribution."""
    farm = tmp_path / "site"
    farm.mkdir()
    for entry in SITE.iterdir():
        if not entry.name.startswith(("airworthy", "_airworthy", "_editable_impl_airworthy")):
            (farm / entry.name).symlink_to(entry)
    return os.pathsep.join((str(farm), str(ROOT)))


def test_installed_it_comes_by_entry_point_and_only_once(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded["errors"] == {}
    assert len(loaded["sources"]) == 1
    assert loaded["sources"][0].startswith("airworthy==")


def test_not_installed_it_comes_from_the_folder(tmp_path: Path, not_installed: str) -> None:
    loaded = load(tmp_path, PYTHONPATH=not_installed)
    assert loaded["errors"] == {}
    assert loaded["sources"] == ["$PLUGINS_FOLDER/airworthy_plugin.py"]


def test_loading_builds_no_application_and_runs_no_other_file(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    ours = {m for m in loaded["modules"] if m.startswith("plugins.airworthy.")}
    assert ours == {"plugins.airworthy.plugin"}
    assert loaded["bare"] == []


def test_only_the_scheduler_preloads(tmp_path: Path) -> None:
    assert "airflow.providers.slack.hooks.slack" not in load(tmp_path)["heavy"]
    preloaded = load(tmp_path, AIRWORTHY_PRELOAD="1")
    assert preloaded["errors"] == {}
    assert {"include.spec.model", "airflow.providers.slack.hooks.slack"} <= {*preloaded["heavy"]}
