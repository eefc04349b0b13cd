"""``airworthy spec new``: a user's own model, drafted from a CSV file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from include.cli.folders import folders
from include.errors import BadInput, Conflict
from include.spec.sketch import DECIDE, sketch
from include.spec.survey import survey

if TYPE_CHECKING:
    from include.cli.folders import Folders

_NAME = re.compile(r"[a-z][a-z0-9_]{1,62}")
_SHARED = (("quality", "data.quality"), ("release", "release"), ("alerts", "alerts"))


Model = Annotated[str, typer.Argument(help="Name of the new model.")]
Source = Annotated[Path, typer.Option("--from", help="A CSV file of its data.")]
Target = Annotated[str, typer.Option(help="The column to predict.")]
Dags = Annotated[Path | None, typer.Option(help="The DAG bundle, with its folder models.")]


def new(model: Model, source: Source, target: Target, dags: Dags = None) -> None:
    """Draft dags/models/MODEL.yaml from a CSV file."""
    if not _NAME.fullmatch(model):
        remedy = "A small letter, then small letters, digits or _"
        raise BadInput("not a name of a model", value=model, remedy=remedy)
    places = folders(dags)
    path = places.models / f"{model}.yaml"
    text = sketch(model, survey(source, target), _shared(places))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        remedy = "Choose another name, or delete it first"
        raise Conflict("this model has a spec", where=str(path), remedy=remedy) from error
    count = text.count(f"  {DECIDE}")
    typer.echo(f"{path}: a draft with {count} values left to you, marked `{DECIDE}`.")
    typer.echo(f"Next: fill them in; `airworthy spec check {model}` lists what is open;")
    typer.echo(f"      `airworthy spec compile {model}`;")
    typer.echo(f"      put the data at <arrivals>/{model}/first.csv.")


def _shared(places: Folders) -> tuple[str, ...]:
    return tuple(
        f"defaults/{name}@{part}"
        for name, part in _SHARED
        if (places.models / "defaults" / f"{name}.yaml").is_file()
    )
