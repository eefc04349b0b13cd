"""``python -m plugins.airworthy.api.events``: prints audit events straight from the database."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from include import settings
from include.access.principal import Scope
from include.clock import SystemClock
from include.errors import AirworthyError
from plugins.airworthy.api.storage.work import Database


def events(
    after: Annotated[str, typer.Option(help="Begin behind this event.")] = "",
    limit: Annotated[int, typer.Option(help="How many.")] = 100,
) -> None:
    """Print audit events of this installation in order, one JSON object a line."""
    installation = settings.read()
    database = Database(installation.database_url, SystemClock())
    try:
        with database.reading(Scope(installation.tenant, installation.environment)) as stores:
            for event in stores.trail.events(after, limit):
                sys.stdout.write(event.model_dump_json() + "\n")
    except AirworthyError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    finally:
        database.close()


if __name__ == "__main__":
    typer.run(events)
