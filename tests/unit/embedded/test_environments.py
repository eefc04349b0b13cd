from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from include.embedded.environments import Installer
from include.embedded.home import Home
from include.embedded.interpreter import Interpreter
from include.errors import BadInput, InfrastructureError

if TYPE_CHECKING:
    from pathlib import Path


def pretend(path: Path, says: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    return str(path)


def installer(tmp_path: Path, says: str) -> Installer:
    python = pretend(tmp_path / "python", says)
    return Installer(Home(tmp_path / "home"), Interpreter(python, "3.11"), lambda _: None)


def test_no_network_is_one_line(tmp_path: Path) -> None:
    offline = installer(tmp_path, "echo 'NewConnectionError: Name resolution failed'; exit 1")
    with pytest.raises(InfrastructureError, match="registry cannot be reached") as failed:
        offline.ensure(dev=False)
    assert "\n" not in str(failed.value)
    assert "install.log" in str(failed.value)


def test_another_failure_shows_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="disk on fire"):
        installer(tmp_path, "echo starting; echo disk on fire; exit 3").ensure(dev=False)


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage.__class__(10**10, 10**10, 3 * 10**9))
    with pytest.raises(BadInput, match=r"3\.0 GB are free") as refused:
        installer(tmp_path, "exit 0").ensure(dev=False)
    assert "AIRWORTHY_HOME" in str(refused.value)


def test_an_interrupted_installation_is_begun_again(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with pytest.raises(InfrastructureError):
        installer(tmp_path, "exit 1").ensure(dev=False)
    assert not (home.root / "stamps" / "bootstrap").exists()
