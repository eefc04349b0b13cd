"""``airworthy replay``: rows that no version was trained on, as requests, with labels later."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from include import settings
from include.embedded import credentials, ports
from include.embedded.home import home
from include.errors import AirworthyError, BadInput
from include.replay.held_back import held_back
from include.replay.landing_zone import LandingZone
from include.replay.traffic import Pace, Replay, Target
from include.spec import compiled
from include.store.open import open_store

if TYPE_CHECKING:
    from include.replay.tally import ReplaySummary
    from include.spec.model import Spec

app = typer.Typer(help="Held-back rows as traffic.", add_completion=False)
TOKEN = "AIRWORTHY_OUTCOMES_TOKEN"  # noqa: S105 - the name of a variable
_TELL_SECONDS = 5.0


@app.command()
def replay(  # noqa: PLR0913 - one argument an option
    model: Annotated[str, typer.Argument(help="Model whose held-back rows are sent.")],
    rate: Annotated[float, typer.Option(min=0.01, max=1000, help="Requests a second.")] = 20,
    seconds: Annotated[
        float, typer.Option("--for", min=0, help="Longest time, in seconds; 0: no such limit.")
    ] = 60,
    requests: Annotated[int, typer.Option(min=0, help="Most requests; 0: no such limit.")] = 0,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="Rows in each request.")] = 1,
    label_delay: Annotated[
        float, typer.Option(min=0, max=3600, help="Seconds between an answer and its label.")
    ] = 2,
    to: Annotated[str, typer.Option(help="Address of the router; the installation's own.")] = "",
    summary: Annotated[str, typer.Option(help="File for the counts, as JSON.")] = "",
) -> None:
    """Send rows that never arrived at a fixed rate, and say later what became of them.

    Labels need the token of those who may tell them, from AIRWORTHY_OUTCOMES_TOKEN or the suite on
    this machine; without one, none is sent. Ctrl-C ends it with its summary.
    """
    if not (seconds or requests):
        raise BadInput("neither time nor number is limited", where="--for", remedy="Give one")
    spec = _spec(model)
    here = settings.read()
    held = held_back(spec, LandingZone(open_store(), here.arrivals, here.store))
    router = to or ports.read().router_url
    target = Target(router, spec.release.endpoint, os.environ.get(TOKEN, "") or _generated())
    pace = Pace(rate, requests, seconds, rows, label_delay)
    if not target.token:
        typer.echo(f"no labels are sent: {TOKEN} is not set", err=True)
    told = asyncio.run(_run(Replay(held, target, pace)))
    if summary:
        Path(summary).write_text(told.model_dump_json(indent=2) + "\n", encoding="utf-8")
    _tell(told)
    raise typer.Exit(0 if told.is_clean else 1)


def _spec(model: str) -> Spec:
    path = settings.REPOSITORY / "dags" / "compiled" / f"{model}.json"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in path.parent.glob("*.json")))
        raise BadInput("no such model", where="MODEL", value=model, remedy=f"One of {known}")
    return compiled.read(path, environment=settings.read().environment).spec


def _generated() -> str:
    try:
        return credentials.read(home()).outcomes_token
    except AirworthyError:
        return ""


async def _run(one: Replay) -> ReplaySummary:
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, one.stop)
    running = asyncio.create_task(one.run())
    while not (await asyncio.wait({running}, timeout=_TELL_SECONDS))[0]:
        typer.echo(one.tally.line())
    return running.result()


def _tell(told: ReplaySummary) -> None:
    typer.echo(
        f"{told.url}: {told.sent} sent in {told.seconds} s ({told.rate:g}/s wanted), "
        f"{told.rows} rows"
    )
    for version, count in told.by_version.items():
        typer.echo(f"  answered by {version:<10} {count}")
    for why, count in told.failures.items():
        typer.echo(f"  failed: {why:<20} {count}")
    typer.echo(f"  median {told.median_ms} ms, 99 % within {told.p99_ms} ms")
    one = told.labels
    typer.echo(
        f"  labels: {one.accepted} accepted, {one.unknown} unknown, {one.duplicates} duplicates, "
        f"{one.lost} lost{f' ({one.problem})' if one.problem else ''}"
    )
    typer.echo(told.claim)
