"""What the frozen models refuse, in the words of the spec: every error, none twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from include.spec.compute import QUANTITY
from include.spec.fields import choices_at, names_at
from include.spec.model import Spec
from include.spec.problems import Finding, Steps, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails

_UNFILLED = "???"


def shaped(values: Mapping[str, Any]) -> tuple[Spec | None, tuple[Finding, ...]]:
    """Return the spec, or all that keeps the values from being one."""
    findings = {finding.steps: finding for finding in _unfilled(values, ())}
    spec = None
    try:
        spec = Spec.model_validate(values)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            steps = _known_part(details["loc"], values)
            findings.setdefault(steps, _finding(details, steps, values))
    return (None if findings else spec), tuple(findings.values())


def _unfilled(value: object, steps: Steps) -> Iterator[Finding]:
    """Find the marks that Hydra leaves for a value somebody has to give."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _unfilled(inner, (*steps, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unfilled(inner, (*steps, index))
    elif value == _UNFILLED:
        yield Finding(steps, "is still to be filled in", value)


def _known_part(loc: tuple[int | str, ...], values: Mapping[str, Any]) -> Steps:
    """Cut off the names of union members that Pydantic puts at the end of a location."""
    here: Any = values
    for index, step in enumerate(loc):
        if isinstance(here, dict):
            here = here.get(str(step))
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            return loc[:index]
    return loc


def _finding(details: ErrorDetails, steps: Steps, values: Mapping[str, Any]) -> Finding:
    kind = details["type"]
    if kind == "missing":
        return Finding(steps, _missing(steps, values))
    if kind == "extra_forbidden":
        return Finding(steps, "no such field", suggestion=nearest(steps[-1], names_at(steps[:-1])))
    value = details["input"]
    if value is None:
        return Finding(steps, _missing(steps, values, "needs a value"))
    names = choices_at(steps)
    if names:
        what = f"must be one of {', '.join(names)}"
        return Finding(steps, what, value, nearest(value, names))
    return Finding(steps, _sentence(details), value)


def _missing(steps: Steps, values: Mapping[str, Any], otherwise: str = "is required") -> str:
    name = _column_name(steps, values)
    if name and steps[-1] == "available_at":
        return (
            f"column {name!r} does not say when its value is known: "
            "give available_at (application, decision or later)"
        )
    return f"column {name!r} needs this field" if name else otherwise


def _column_name(steps: Steps, values: Mapping[str, Any]) -> str:
    if steps[:2] != ("data", "columns") or len(steps) != 4:
        return ""
    return str(values["data"]["columns"][steps[2]].get("name", ""))


def _sentence(details: ErrorDetails) -> str:
    message = details["msg"].removeprefix("Input ").removeprefix("Value error, ")
    if details["type"] == "string_pattern_mismatch":
        if details.get("ctx", {}).get("pattern") == QUANTITY:
            return "must be a quantity in quotes, such as '2', '500m' or '4Gi'"
        return "must be a name: a small letter, then small letters, digits or _ (2 to 63 in all)"
    if details["type"] == "string_type":
        return "should be text; put it in quotes"
    return message[0].lower() + message[1:]
