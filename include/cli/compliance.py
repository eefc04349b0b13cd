"""``airworthy compliance``: the report of a live version, written on this machine."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from include.cli.login import logged_in
from include.compliance.publish import files, live_versions, make
from include.compliance.records import Generated
from include.errors import BadInput
from include.store.open import open_store

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def compliance(
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    out: Annotated[Path, typer.Option(help="Folder that page and JSON go to.")] = Path(),
    as_of: Annotated[str, typer.Option(help="Day (UTC), as 2026-04-16; today where none.")] = "",
    user: Annotated[
        str, typer.Option("--as", help="Log-in of the suite on this machine.")
    ] = "operator",
    url: Annotated[str, typer.Option(help="Control plane elsewhere; needs AIRWORTHY_TOKEN.")] = "",
) -> None:
    """Write the compliance report of what is live: a page and its JSON."""
    now = datetime.now(UTC)
    day = _day(as_of, now)
    out.mkdir(parents=True, exist_ok=True)
    with logged_in(user, url) as plane:
        generated = Generated(at=now, by=plane.whoami().id)
        for live in live_versions(plane, day, model):
            made = make(plane, open_store(), live, day, generated)
            for name, data in files(made).items():
                (out / name).write_bytes(data)
            found = made.contents
            typer.echo(f"{live.model} {live.version} as of {day}: {len(found.gaps)} gap(s)")
            typer.echo(f"{out / live.model}.html, contents SHA-256 {found.digest}")


def _day(asked: str, now: datetime) -> date:
    if not asked:
        return now.date()
    try:
        day = date.fromisoformat(asked)
    except ValueError as error:
        raise BadInput("not a day", where="--as-of", value=asked, remedy="2026-04-16") from error
    if day > now.date():
        raise BadInput("this day lies ahead", where="--as-of", value=asked)
    return day
