"""The fields of the spec, walked by path: for messages, the reference page and the schema."""

from __future__ import annotations

from enum import StrEnum
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from include.spec.model import Spec

if TYPE_CHECKING:
    from include.spec.problems import Steps


def submodel(annotation: object) -> type[BaseModel] | None:
    """Return the part of a spec inside an annotation: ``tuple[Column, ...]`` holds ``Column``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (submodel(inner) for inner in get_args(annotation))
    return next((part for part in found if part is not None), None)


def part_at(steps: Steps) -> type[BaseModel] | None:
    """Return the part of the spec whose fields stand at ``steps``; None where there is none."""
    part: type[BaseModel] | None = Spec
    for step in steps:
        if isinstance(step, int) or part is None:
            continue
        info = part.model_fields.get(step)
        part = submodel(info.annotation) if info else None
    return part


def names_at(steps: Steps) -> tuple[str, ...]:
    """Return the names of the fields that may stand at ``steps``."""
    part = part_at(steps)
    return tuple(part.model_fields) if part else ()


def choices(annotation: object) -> tuple[str, ...]:
    """Return the values that an annotation allows by name; none where any value goes."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple(str(member.value) for member in annotation)
    if get_origin(annotation) is Literal:
        return tuple(str(value) for value in get_args(annotation))
    if get_origin(annotation) in {Union, UnionType}:
        return tuple(name for inner in get_args(annotation) for name in choices(inner))
    return ()


def choices_at(steps: Steps) -> tuple[str, ...]:
    """Return the values allowed by name at ``steps``; none where any value goes."""
    part = part_at(steps[:-1])
    info: Any = part.model_fields.get(str(steps[-1])) if part and steps else None
    return choices(info.annotation) if info else ()
