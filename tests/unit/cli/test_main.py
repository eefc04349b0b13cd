"""The command finds its module, says what is wrong in one line, and ends with a typed code."""

from __future__ import annotations

import subprocess
import sys
import types
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest
import typer

from include.cli import main as cli
from include.errors import ControlPlaneUnavailable, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> Iterator[typer.Typer]:
    """An application in a module of its own, reachable as `sample` and `other`."""
    app = typer.Typer()
    module = types.ModuleType("sample_application")
    module.app = app  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sample_application", module)
    target = "sample_application:app"
    table = (cli.Command("sample", target, ""), cli.Command("other", target, ""))
    monkeypatch.setattr(cli, "COMMANDS", table)
    return app


def test_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {command.name} " in out for command in cli.COMMANDS)


def test_without_a_command_it_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Usage: airworthy" in captured.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"airworthy {version('airworthy')}\n"


def test_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["spce"]) == 2
    assert capsys.readouterr().err == "airworthy: no such command 'spce'; did you mean 'spec'?\n"
    assert cli.main(["xyzzy"]) == 2
    assert "lists the commands" in capsys.readouterr().err


def test_one_word_of_several_in_an_application(application: typer.Typer) -> None:
    ran: list[str] = []

    @application.command()
    def sample(what: str) -> None:
        ran.append(f"sample {what}")

    @application.command()
    def other() -> None:
        raise typer.Exit(7)

    assert cli.main(["sample", "this"]) == 0
    assert ran == ["sample this"]
    assert cli.main(["other"]) == 7
    assert cli.main(["sample", "--no-such-option"]) == 2


def test_an_application_that_is_the_word_itself(application: typer.Typer) -> None:
    ran: list[str] = []

    @application.command()
    def first() -> None:
        ran.append("first")

    @application.command()
    def second() -> None:
        ran.append("second")

    assert cli.main(["sample", "second"]) == 0
    assert ran == ["second"]
    assert cli.main(["sample", "third"]) == 2


@pytest.mark.parametrize(
    "error", [ControlPlaneUnavailable("no answer", where="http://x"), Rejected("no")]
)
def test_our_errors_are_one_line(
    application: typer.Typer, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    @application.command()
    def only() -> None:
        raise error

    assert cli.main(["sample"]) == 1
    assert capsys.readouterr().err == f"airworthy: {error}\n"


def test_other_errors_are_not_hidden(application: typer.Typer) -> None:
    @application.command()
    def only() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cli.main(["sample"])


def test_a_module_of_the_other_environment_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = (cli.Command("sample", "no_such_module_here:app", ""),)
    monkeypatch.setattr(cli, "COMMANDS", table)
    assert cli.main(["sample"]) == 1
    assert "this environment lacks 'no_such_module_here'" in capsys.readouterr().err


@pytest.mark.parametrize("command", cli.COMMANDS, ids=lambda command: command.name)
def test_every_command_says_what_it_does(
    command: cli.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([command.name, "--help"]) == 0
    assert f"Usage: airworthy {command.name}" in capsys.readouterr().out


def test_the_overview_loads_no_command() -> None:
    script = (
        "import sys; from include.cli.main import main; main(['--help'])\n"
        "print([m for m in ('typer', 'hydra', 'httpx', 'fastapi', 'pydantic') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_leaves_early_is_no_crash() -> None:
    script = "from include.cli.main import main; raise SystemExit(main(['spec', 'schema']))"
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        assert b"Traceback" not in process.stderr.read()
    process.wait()
