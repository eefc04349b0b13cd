"""YAML files of the command line, read as messages; what is wrong is told by line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML

from include.errors import BadInput
from include.spec.origins import Document
from include.spec.origins import read as read_positions
from include.spec.problems import Problem, dotted, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from include.spec.problems import Steps

Kind = TypeVar("Kind", bound=BaseModel)


def read(path: Path, kind: type[Kind]) -> Kind:
    """Return the document in a YAML file as a message.

    Raises:
        BadInput: It cannot be read, is not YAML, or not such a message; every problem is told
            with its line and column.
    """
    document = read_positions(path.parent, path.name)
    if document.problems:
        raise _unusable(path, list(document.problems))
    values = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    try:
        return kind.model_validate(values, strict=False)
    except ValidationError as broken:
        raise _unusable(path, list(_problems(document, broken, kind))) from broken


def _unusable(path: Path, problems: list[Problem]) -> BadInput:
    lines = [problem.line(f"{path.parent}/") for problem in sorted(problems, key=_place)]
    return BadInput("\n".join([f"{len(lines)} problem(s)", *lines]), where=str(path))


def _place(problem: Problem) -> tuple[int, int]:
    return problem.place.line, problem.place.column


def _problems(
    document: Document, broken: ValidationError, kind: type[BaseModel]
) -> Iterator[Problem]:
    names = _names(kind)
    for error in broken.errors():
        steps: Steps = error["loc"]
        is_unknown = error["type"] == "extra_forbidden"
        place = document.places.of_key(steps) if is_unknown else document.places.of(steps)
        what = "no such field" if is_unknown else error["msg"]
        suggestion = nearest(steps[-1], names) if is_unknown else ""
        is_scalar = not isinstance(error["input"], dict | list)
        value = error["input"] if is_scalar and not is_unknown else None
        yield Problem(place, dotted(steps), what, value, suggestion)


def _names(kind: type[BaseModel]) -> set[str]:
    """Return the names of all fields of a message and its parts."""
    schema = kind.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}
