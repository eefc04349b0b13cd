"""``airworthy serving`` and ``airworthy endpoint``: the daemon, and a look at what it serves."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from include import logs, settings
from include.embedded import ports
from include.errors import AirworthyError, BadInput
from include.serving import limits
from include.serving.local_driver import LocalDriver
from include.steps.contract import ExitCode

if TYPE_CHECKING:
    from include.serving.daemon import DaemonOptions
    from include.serving.endpoint import Observation, VariantState
    from include.serving.recording import RecordingOptions

serving_app = typer.Typer(help="The serving daemon.", add_completion=False)
endpoint_app = typer.Typer(help="What the endpoints serve.", no_args_is_help=True)
app = typer.Typer(no_args_is_help=True)
app.add_typer(serving_app, name="serving")
app.add_typer(endpoint_app, name="endpoint")


@serving_app.callback(invoke_without_command=True)
def serving() -> None:
    """Run the serving daemon (admin API and router) until SIGTERM."""
    # The daemon's libraries are heavy; `endpoint status` does not need them.
    from include.serving import daemon  # noqa: PLC0415
    from include.store.open import open_store  # noqa: PLC0415

    logs.configure(json_lines=not sys.stdout.isatty())
    try:
        daemon.run(_options(), open_store())
    except AirworthyError as cause:
        raise _ended(cause) from None


def _options() -> DaemonOptions:
    from include.serving.daemon import DaemonOptions  # noqa: PLC0415

    mine, listen = settings.read(), ports.read()
    if not mine.serving_token:
        raise BadInput(
            "the admin API has no token",
            where="AIRWORTHY_SERVING_TOKEN",
            remedy="Set it to a long random text; `make up` generates one",
        )
    return DaemonOptions(
        folder=mine.home / "serving",
        store=mine.store,
        token=mine.serving_token,
        admin_port=listen.serving,
        router_port=listen.router,
        command=(mine.steps_python, "-m", "include.serving.model_server"),
        limits=limits.read(mine.router_rate, mine.router_concurrent),
        recording=_recording(mine),
    )


def _recording(mine: settings.Settings) -> RecordingOptions:
    from include.serving.recording import RecordingOptions  # noqa: PLC0415

    options = RecordingOptions(outcomes_token=mine.outcomes_token)
    if not mine.prediction_sample:
        return options
    try:
        share = float(mine.prediction_sample)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise BadInput(
            "no share of requests",
            where="AIRWORTHY_PREDICTION_SAMPLE",
            value=mine.prediction_sample,
            remedy="Give a number from 0 to 1",
        )
    return replace(options, sample_share=share)


@endpoint_app.command("status")
def status(
    name: Annotated[
        str, typer.Argument(help="The endpoint; all of them where it is left out.")
    ] = "",
) -> None:
    """Say which versions an endpoint serves, how they are, and why."""
    driver = _driver()
    try:
        names = (name,) if name else driver.endpoints()
        observations = [driver.observe(one) for one in names]
    except AirworthyError as cause:
        raise _ended(cause) from None
    if not observations:
        typer.echo("no endpoint yet")
    for observation in observations:
        _print(observation)
    if any(state.health != "ready" for one in observations for state in one.variants):
        raise typer.Exit(3)


@endpoint_app.command("list")
def names() -> None:
    """Name the endpoints."""
    try:
        for name in _driver().endpoints():
            typer.echo(name)
    except AirworthyError as cause:
        raise _ended(cause) from None


def _driver() -> LocalDriver:
    mine = settings.read()
    return LocalDriver(mine.serving_url, mine.serving_token or _generated_token())


def _generated_token() -> str:
    """Return the token that the suite on this machine generated, or nothing."""
    from include.embedded import credentials  # noqa: PLC0415
    from include.embedded.home import home  # noqa: PLC0415

    try:
        return credentials.read(home()).serving_token
    except (AirworthyError, OSError):
        return ""


def _print(observation: Observation) -> None:
    typer.echo(f"{observation.name}  revision {observation.revision}  {observation.url}")
    for state in observation.variants:
        typer.echo(f"  {_line(state)}")


def _line(state: VariantState) -> str:
    restarts = f"  {state.restarts} restart(s)" if state.restarts else ""
    message = f"  {state.message}" if state.message else ""
    return (
        f"{state.name:<12} {state.version:<10} {state.weight:>3} %  {state.health:<9}"
        f"{restarts}{message}"
    ).rstrip()


def _ended(cause: AirworthyError) -> typer.Exit:
    typer.echo(f"airworthy: {cause}", err=True)
    bad = isinstance(cause, BadInput)
    return typer.Exit(int(ExitCode.BAD_INPUT if bad else ExitCode.INFRASTRUCTURE))
