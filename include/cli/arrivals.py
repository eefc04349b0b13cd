"""``airworthy arrivals``: the data that ships arrives in the landing zone."""

from __future__ import annotations

import os
import subprocess
from typing import Annotated

import typer

from include import settings
from include.errors import BadInput

app = typer.Typer(help="Batches of data for the landing zone.", add_completion=False)


@app.command()
def arrivals(
    model: Annotated[str, typer.Argument(help="Model whose data arrives; all where none.")] = "",
    to: Annotated[str, typer.Option(help="URI of the landing zone; the installation's own.")] = "",
) -> None:
    """Put the batches that ship into the landing zone; what is there already stays."""
    here = settings.read()
    # The data needs libraries of the steps' environment, so their interpreter writes it.
    command = [here.steps_python, "-m", "include.data.arrivals", "--to", to or here.arrivals]
    environment = os.environ | {"PYTHONPATH": str(settings.REPOSITORY)}
    try:
        done = subprocess.run([*command, *filter(None, [model])], check=False, env=environment)
    except OSError as error:
        remedy = "Run `make install`, or set AIRWORTHY_STEPS_PYTHON"
        what = f"the steps' environment cannot be started ({error.strerror})"
        raise BadInput(what, where="arrivals", value=here.steps_python, remedy=remedy) from error
    raise typer.Exit(done.returncode)
