"""All compiled specs of a folder: the usable ones, and what is wrong with the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.spec import compiled

if TYPE_CHECKING:
    from pathlib import Path

    from include.spec.model import CompiledSpec


@dataclass(frozen=True)
class Shelf:
    """The compiled specs of one folder.

    Attributes:
        specs: Those that can be used, sorted by model.
        problems: One printable line for each of the others.
    """

    specs: tuple[CompiledSpec, ...]
    problems: tuple[str, ...]


def shelf(folder: Path, environment: str) -> Shelf:
    """Read every compiled spec in ``folder``; one that is broken or stale harms no other.

    Args:
        folder: ``dags/compiled``.
        environment: Environment that the specs must have been compiled for.
    """
    specs: list[CompiledSpec] = []
    problems: list[str] = []
    for model in compiled.models(folder):
        try:
            specs.append(compiled.read(folder / f"{model}.json", environment=environment))
        except BadInput as error:
            problems.append(str(error))
    return Shelf(tuple(specs), tuple(problems))
