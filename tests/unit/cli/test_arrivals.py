"""``airworthy arrivals`` starts the steps' interpreter, and says so where it cannot."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from include.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_missing_interpreter_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRWORTHY_STEPS_PYTHON", str(tmp_path / "nothing"))
    assert main(["arrivals"]) == 1
    assert "AIRWORTHY_STEPS_PYTHON" in capfd.readouterr().err


def test_command_line_and_exit_code_are_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    python = tmp_path / "python"
    python.write_text(
        f'#!{sys.executable}\nimport sys\nprint("|".join(sys.argv[1:]))\nsys.exit(7)\n'
    )
    python.chmod(0o755)
    monkeypatch.setenv("AIRWORTHY_STEPS_PYTHON", str(python))
    assert main(["arrivals", "bike_demand", "--to", "file:///zone"]) == 7
    told = capfd.readouterr().out.strip()
    assert told == "-m|include.data.arrivals|--to|file:///zone|bike_demand"
