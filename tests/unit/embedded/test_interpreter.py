from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from include.embedded import interpreter, stamps
from include.embedded.home import Home
from include.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path


def pretend(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    return path


def only(monkeypatch: pytest.MonkeyPatch, folder: Path, running: Path) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(running))
    monkeypatch.delenv("AIRWORTHY_PYTHON", raising=False)


def test_the_running_python_is_taken_when_it_fits(tmp_path: Path) -> None:
    found = interpreter.find(Home(tmp_path))
    assert found.version == f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_another_python_on_the_path_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = pretend(tmp_path / "python3", "echo 3.8")
    pretend(tmp_path / "python3.12", "echo 3.12 /opt/python3.12")
    only(monkeypatch, tmp_path, old)
    assert interpreter.find(Home(tmp_path)).path == "/opt/python3.12"


def test_no_fitting_python_is_one_line_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, tmp_path, pretend(tmp_path / "python3", "echo 3.8"))
    with pytest.raises(BadInput, match=r"3\.11 or 3\.12 is needed.*apt install") as refused:
        interpreter.find(Home(tmp_path))
    assert "\n" not in str(refused.value)


def test_a_python_without_venv_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = pretend(tmp_path / "python3", 'case "$2" in *venv*) exit 1;; *) echo 3.11;; esac')
    only(monkeypatch, tmp_path, bare)
    with pytest.raises(BadInput, match="lacks the modules venv"):
        interpreter.find(Home(tmp_path))


def test_the_python_of_the_present_environments_is_kept(tmp_path: Path) -> None:
    home = Home(tmp_path)
    pretend(home.bootstrap, "echo 3.12 /kept")
    assert interpreter.find(home).path != "/kept", "its making was interrupted"
    with stamps.once(home, "bootstrap", "lock"):
        pass
    assert interpreter.find(home).path == "/kept"


def test_a_named_python_is_the_only_one_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRWORTHY_PYTHON", str(pretend(tmp_path / "mine", "echo 2.7")))
    with pytest.raises(BadInput, match="is needed"):
        interpreter.find(Home(tmp_path))
