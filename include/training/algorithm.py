"""What an algorithm is: a name, its tasks, checked parameters, what to search, a pipeline."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sklearn.pipeline import Pipeline

    from include.spec.base import Scalar
    from include.spec.model import Column, Task
    from include.training.knobs import Knob


class Parameters(BaseModel):
    """Base of an algorithm's parameters: frozen, each with a default, unknown ones refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True)
class Recipe:
    """All that decides a fit beside the rows.

    ``given`` names the parameters that people chose and no search may turn; ``is_dated`` says that
    the rows come in order of time and must be treated so.
    """

    algorithm: str
    task: Task
    parameters: Mapping[str, Scalar]
    seed: int
    is_dated: bool = False
    given: frozenset[str] = frozenset()


class Algorithm(Protocol):
    """One way to fit a model. Implementations are stateless values, one file each."""

    @property
    def name(self) -> str:
        """Return the name that a spec writes under ``training.candidates``."""

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Return the tasks the algorithm can do."""

    def parameters(self, given: Mapping[str, Scalar]) -> Parameters:
        """Return the given parameters over the defaults.

        Raises:
            BadInput: an unknown parameter, or a value outside its range.
        """

    def knobs(self, task: Task) -> tuple[Knob, ...]:
        """Return the parameters that are worth searching for a task; none for a baseline."""

    def build(self, recipe: Recipe, features: tuple[Column, ...]) -> Pipeline:
        """Return an unfitted pipeline that uses exactly ``features`` of the rows it is given.

        Its steps are ``preprocessing``, which no searched parameter changes, and ``model``.

        Raises:
            BadInput: the parameters of the recipe are wrong.
        """


def checked(kind: type[P], given: Mapping[str, Scalar], where: str) -> P:
    """Return the parameters of one algorithm; name the nearest one where a name is unknown.

    Raises:
        BadInput: an unknown parameter, or a value outside its range.
    """
    known = tuple(kind.model_fields)
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, known, n=1, cutoff=0.0)
        remedy = f"Nearest: {near[0]}; known: {', '.join(known)}" if near else "It takes none"
        raise BadInput("unknown parameter", where=where, value=unknown, remedy=remedy)
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join((where, *(str(part) for part in first["loc"])))
        raise BadInput(first["msg"], where=path, value=first["input"]) from error
