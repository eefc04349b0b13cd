"""``airworthy serve``, ``relay`` and ``audit``: the control plane's own processes.

They stand above ``include`` and are therefore started as modules, in the place of this process.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

app = typer.Typer(no_args_is_help=True, help="The control plane.")
audit = typer.Typer(no_args_is_help=True, help="The audit trail.")
app.add_typer(audit, name="audit")


@app.command()
def serve(port: Annotated[int, typer.Option(help="Port to listen on.")] = 8070) -> None:
    """Run the control plane alone, on 127.0.0.1."""
    _become("plugins.airworthy.api.serve", f"--port={port}")


@app.command()
def relay() -> None:
    """Hand out events that wait in the outbox."""
    _become("plugins.airworthy.relay")


@audit.command("list")
def events(
    after: Annotated[str, typer.Option(help="Begin behind this event.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 100,
) -> None:
    """Print audit events, one JSON object a line."""
    _become("plugins.airworthy.api.events", f"--after={after}", f"--limit={limit}")


def _become(module: str, *arguments: str) -> NoReturn:
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - no shell
