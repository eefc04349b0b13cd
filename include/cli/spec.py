"""``airworthy spec``: check, compile, show, schema, docs; ``new`` is in ``drafting``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from ruamel.yaml import YAML

from include import settings
from include.cli.drafting import Dags, new
from include.cli.folders import Folders, folders
from include.errors import BadInput, SpecInvalid
from include.spec import compiled as files
from include.spec.compile import compile_spec, written
from include.spec.problems import dotted, nearest
from include.spec.reference import reference
from include.spec.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.spec.model import CompiledSpec

app = typer.Typer(
    help="Check, compile, show and draft specs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("new")(new)

Environment = Annotated[
    str | None, typer.Option(help="Environment; AIRWORTHY_ENVIRONMENT where not given.")
]
Models = Annotated[list[str] | None, typer.Argument(help="Names of models; all where none.")]


@app.command("compile")
def compile_specs(
    models: Models = None, environment: Environment = None, dags: Dags = None
) -> None:
    """Write dags/compiled/<model>.json for each model; nothing is written for a wrong spec."""
    places = folders(dags)
    good, problems = _compiled(places, _chosen(places, models), environment)
    for spec in good:
        typer.echo(f"{files.write(spec, places.compiled)}: {spec.digest[:12]}")
    _end(problems)


@app.command()
def check(models: Models = None, environment: Environment = None, dags: Dags = None) -> None:
    """List every problem, in the specs and of compiled ones that are stale."""
    places = folders(dags)
    good, problems = _compiled(places, _chosen(places, models), environment)
    problems += [line for spec in good for line in _stale(places, spec)]
    if not models:
        problems += _orphans(places)
    for spec in good:
        typer.echo(f"{places.models / spec.spec.model}.yaml: no problem in the spec")
    _end(problems)


@app.command()
def show(
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    origins: Annotated[bool, typer.Option(help="Say where each value came from.")] = False,
    environment: Environment = None,
    dags: Dags = None,
) -> None:
    """Print the resolved spec as YAML, or one line a value with its origin."""
    places = folders(dags)
    spec = compile_spec(places.models, _chosen(places, [model])[0], _environment(environment))
    if origins:
        for line in _with_origins(spec):
            typer.echo(line)
        return
    yaml = YAML()
    yaml.width = 100
    yaml.dump(spec.spec.model_dump(mode="json"), sys.stdout)


@app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema that editors use."""
    typer.echo(schema().decode(), nl=False)


@app.command()
def docs(dags: Dags = None) -> None:
    """Write docs/reference/spec.md and spec.schema.json."""
    folder = folders(dags).reference
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (("spec.md", reference()), ("spec.schema.json", schema())):
        (folder / name).write_bytes(content)
        typer.echo(folder / name)


def _environment(given: str | None) -> str:
    return given or settings.read().environment


def _chosen(places: Folders, models: list[str] | None) -> list[str]:
    known = written(places.models)
    for model in models or []:
        if model not in known:
            near = nearest(model, known)
            remedy = f"Did you mean {near!r}?" if near else f"There are: {', '.join(known)}"
            raise BadInput("no such model", where=str(places.models), value=model, remedy=remedy)
    if not known:
        remedy = "`airworthy spec new` drafts one from a CSV file"
        raise BadInput("there are no specs", where=str(places.models), remedy=remedy)
    return list(models or known)


def _compiled(
    places: Folders, models: list[str], environment: str | None
) -> tuple[list[CompiledSpec], list[str]]:
    good: list[CompiledSpec] = []
    problems: list[str] = []
    for model in models:
        try:
            good.append(compile_spec(places.models, model, _environment(environment)))
        except SpecInvalid as error:
            problems += error.problems
    return good, problems


def _stale(places: Folders, spec: CompiledSpec) -> Iterator[str]:
    path = places.compiled / f"{spec.spec.model}.json"
    if not path.is_file():
        yield f"{path}: not compiled yet: run `airworthy spec compile`"
    elif path.read_bytes() != files.to_bytes(spec):
        yield f"{path}: stale: run `airworthy spec compile`"


def _orphans(places: Folders) -> list[str]:
    left = sorted(set(files.models(places.compiled)) - set(written(places.models)))
    return [f"{places.compiled / name}.json: its YAML is gone: delete it" for name in left]


def _end(problems: list[str]) -> None:
    for line in problems:
        typer.echo(line, err=True)
    if problems:
        typer.echo(f"{len(problems)} problem(s)", err=True)
        raise typer.Exit(1)


def _with_origins(spec: CompiledSpec) -> Iterator[str]:
    known = {origin.path: f"{origin.file}:{origin.line}:{origin.column}" for origin in spec.origins}
    for path, value in _values(spec.spec.model_dump(mode="json"), ()):
        yield f"{path} = {value!r}  # {known.get(path, 'default')}"


def _values(value: Any, steps: tuple[str | int, ...]) -> Iterator[tuple[str, object]]:
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    if not inner:
        yield dotted(steps), value
    for key, part in inner:
        yield from _values(part, (*steps, key))
