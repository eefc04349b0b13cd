"""``airworthy up | down | status | demo | clean``: the suite on this machine."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from include.embedded import arrivals, credentials, guard, ports, preparation, remains, suite
from include.embedded.demo import summary
from include.embedded.demo.progress import Progress
from include.embedded.demo.story import Story
from include.embedded.demo.table import table
from include.embedded.home import home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from include.embedded.home import Home

app = typer.Typer(help="The suite on this machine.", no_args_is_help=True)

_MIB = 1 << 20
_INTERRUPTED = 130


def _say(line: str) -> None:
    typer.echo(f"  {line}")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """Stop everything on Ctrl-C; a closed terminal and a polite kill count as one."""
    for one in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, _interrupt)
    try:
        yield
    except KeyboardInterrupt:
        _stop_everything()
        raise typer.Exit(_INTERRUPTED) from None


@app.command()
def up() -> None:
    """Start the suite and leave it running; print addresses and log-ins."""
    with _all_or_nothing():
        # Before the scheduler: a run that starts by itself finds its partition.
        arrivals.bring(home(), _say)
        preparation.migrate(home(), _say)
        suite.up(home(), _say)
    _print_addresses()


def _stop_everything() -> None:
    # A second Ctrl-C must not leave half of it running.
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    typer.echo("\ninterrupted: stopping what was started", err=True)
    suite.down(home(), _say)


def _print_addresses() -> None:
    place, listen = home(), ports.read()
    typer.echo(f"\nAirflow and the Airworthy pages   {listen.airflow_url}")
    typer.echo(f"Predictions                       {listen.router_url}/v2/models/<model>/infer\n")
    passwords = credentials.passwords(place)
    for name, _ in credentials.PEOPLE:
        typer.echo(f"  {name:<10} {passwords[name]}")
    typer.echo(f"\nLog-ins are stored in {place.passwords}. Stop with `make down`.")


@app.command()
def down() -> None:
    """Stop exactly what this installation started."""
    suite.down(home(), _say)
    typer.echo("the suite is down")


@app.command()
def status() -> None:
    """Say what runs, since when, and how much memory it takes."""
    seen = suite.status(home())
    for one in seen.supervised:
        typer.echo(f"{one.name:<14} {one.state:<9} {one.pid or '-'}")
    if seen.stray:
        typer.echo(f"{seen.stray} process(es) run unsupervised: `make down` ends them")
    if not seen.processes:
        typer.echo("the suite is down")
        raise typer.Exit(3)
    typer.echo(f"{seen.processes} processes, {seen.memory / _MIB:.0f} MiB (PSS)")


@app.command()
def demo(
    *,
    keep: Annotated[
        bool | None,
        typer.Option("--keep/--stop", help="Leave the suite running (default: not where CI=true)."),
    ] = None,
) -> None:
    """Run the whole life of a model, from raw data to an answered request."""
    place = home()
    stays = keep if keep is not None else os.environ.get("CI", "").lower() != "true"
    with guard.alone(place.root / "demo.lock", "`make demo`"):
        told = _tell(place)
    if not stays:
        suite.down(place, _say)
    elif suite.status(place).supervised:
        _print_addresses()
    raise typer.Exit(0 if told.is_complete else 1)


def _tell(place: Home) -> summary.Summary:
    progress = Progress()

    def start() -> None:
        arrivals.bring(place, progress.event)
        preparation.migrate(place, progress.event)
        suite.up(place, progress.event)

    with _all_or_nothing():
        told = Story(place, ports.read(), progress, start).tell()
    summary.write(told, place.demo / "summary.json")
    for line in table(told):
        typer.echo(line)
    typer.echo(f"\nkept in {place.demo / 'summary.json'}")
    return told


@app.command()
def clean(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also remove the installed environments.")
    ] = False,
) -> None:
    """Stop the suite and remove its state; ``--all`` also removes the environments."""
    place = home()
    suite.down(place, _say)
    remains.remove(place, environments=everything)
    typer.echo(f"cleaned {place.root}")
