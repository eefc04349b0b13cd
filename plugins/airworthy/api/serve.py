"""``python -m plugins.airworthy.api.serve``: the control plane alone, without Airflow's process.

People and services come with the tokens of ``AIRWORTHY_TOKENS_FILE``. It listens on 127.0.0.1;
a proxy with TLS belongs in front of anything else.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn

from include import logs, settings
from include.access.principal import Scope
from include.clock import SystemClock
from include.errors import AirworthyError
from plugins.airworthy.api.app import create_app
from plugins.airworthy.api.identity import signing_key, token_file
from plugins.airworthy.api.identity.authenticator import PERSON_PREFIX, SERVICE_PREFIX, Chain
from plugins.airworthy.api.migrate import upgrade

if TYPE_CHECKING:
    from fastapi import FastAPI

    from include.settings import Settings

PORT = 8070


def standalone(installation: Settings) -> FastAPI:
    """Return the application with the callers of the token file.

    Raises:
        BadInput: The token file or the signing key is no good.
    """
    signing_key.load(installation)
    scope = Scope(installation.tenant, installation.environment)
    known = token_file.read(installation.tokens_file, scope)
    people_and_services = Chain({PERSON_PREFIX: known, SERVICE_PREFIX: known})
    return create_app(installation, authenticator=people_and_services, clock=SystemClock())


def serve(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = PORT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Migrate the database and answer requests until told to stop."""
    logs.configure()
    installation = settings.read()
    try:
        upgrade(installation.database_url)
        app = standalone(installation)
    except AirworthyError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    uvicorn.run(app, host=host, port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    typer.run(serve)
