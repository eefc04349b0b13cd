"""``airworthy``: finds the command, and nothing of what the other commands need.

Each command lives in a typer application of some module. The table names the module, which
is imported only when its command is asked for: `airworthy spec` never loads a web server.
"""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from include.errors import AirworthyError, BadInput
from include.spec.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, PROBLEMS, USAGE, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Command:
    """One word after ``airworthy``, and where it is implemented."""

    name: str
    target: str
    summary: str


COMMANDS = (
    Command("spec", "include.cli.spec:app", "check, compile, show and draft specs"),
    Command("rollout", "include.cli.rollout:app", "simulate, list, show and roll back releases"),
    Command("arrivals", "include.cli.arrivals:app", "put batches of data into the landing zone"),
    Command("up", "include.cli.suite:app", "start the suite on this machine"),
    Command("down", "include.cli.suite:app", "stop exactly what was started"),
    Command("status", "include.cli.suite:app", "say what is running"),
    Command("clean", "include.cli.suite:app", "stop the suite and remove its state"),
    Command("demo", "include.cli.suite:app", "run the whole life of a model"),
    Command("compliance", "include.cli.compliance:app", "write the report of what is live"),
    Command("replay", "include.cli.replay:app", "send held-back rows to an endpoint"),
    Command("endpoint", "include.cli.serving:endpoint_app", "say what an endpoint serves"),
    Command("serving", "include.cli.serving:serving_app", "run the local serving daemon"),
    Command("serve", "include.cli.control:app", "run the control plane alone"),
    Command("audit", "include.cli.control:app", "look at the audit trail"),
    Command("relay", "include.cli.control:app", "run the relay of events"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 problems, 2 wrong usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments else ""
    if name in {"", "-h", "--help", "help"}:
        print(usage(), file=sys.stdout if name else sys.stderr)
        return DONE if name else USAGE
    if name == "--version":
        print(f"airworthy {version('airworthy')}")
        return DONE
    command = next((command for command in COMMANDS if command.name == name), None)
    if command is None:
        return _unknown(name)
    return _guarded(command, arguments[1:])


def usage() -> str:
    """Return the overview of the commands."""
    rows = [f"  {command.name:<10} {command.summary}" for command in COMMANDS]
    head = "Usage: airworthy COMMAND [ARGUMENTS]   (airworthy COMMAND --help says more)"
    return "\n".join([head, "", *rows, "", "  --version  say which version this is"])


def _unknown(name: str) -> int:
    near = nearest(name, [command.name for command in COMMANDS])
    hint = f"; did you mean {near!r}?" if near else ". `airworthy --help` lists the commands"
    print(f"airworthy: no such command {name!r}{hint}", file=sys.stderr)
    return USAGE


def _guarded(command: Command, arguments: list[str]) -> int:
    try:
        return _run(command, arguments)
    except AirworthyError as error:
        print(f"airworthy: {error}", file=sys.stderr)
        return PROBLEMS
    except BrokenPipeError:
        # The reader (`| head`) left; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEMS
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(command: Command, arguments: list[str]) -> int:
    runnable = _load(command)
    # An application may hold several words of the table, or be the word itself.
    inside = command.name in getattr(runnable, "commands", {})
    try:
        runnable(
            args=[command.name, *arguments] if inside else arguments,
            prog_name="airworthy" if inside else f"airworthy {command.name}",
        )
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE if end.code is None else PROBLEMS
    return DONE


def _load(command: Command) -> Any:
    module, _, attribute = command.target.partition(":")
    try:
        app = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        what = f"this environment lacks {error.name!r}"
        remedy = "Use the orchestrator's environment"
        raise BadInput(what, where=f"airworthy {command.name}", remedy=remedy) from error
    from typer.main import get_command  # noqa: PLC0415  (a third of the time of `--help`)

    return get_command(app)
