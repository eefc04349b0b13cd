"""Every algorithm a spec may name, and the baseline that is always there."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.training.algorithm import Recipe
from include.training.baseline import Baseline
from include.training.forest import Forest
from include.training.logistic import Logistic
from include.training.network import Network
from include.training.ridge import Ridge
from include.training.svm import SupportVectors
from include.training.xgboost import Boosting

if TYPE_CHECKING:
    from include.spec.model import Spec, Task
    from include.training.algorithm import Algorithm

BASELINE = Baseline().name
ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        Logistic(),
        Ridge(),
        Forest(),
        SupportVectors(),
        Boosting(),
        Network(),
        Baseline(),
    )
}


def named(name: str, task: Task) -> Algorithm:
    """Return the algorithm of that name.

    Raises:
        BadInput: no algorithm of that name, or it cannot do the task.
    """
    found = ALGORITHMS.get(name)
    if found is None:
        near = difflib.get_close_matches(name, ALGORITHMS, n=1, cutoff=0.0)[0]
        known = ", ".join(ALGORITHMS)
        remedy = f"Nearest: {near}; known: {known}"
        raise BadInput("unknown algorithm", where="training.candidates", value=name, remedy=remedy)
    if task not in found.tasks:
        able = ", ".join(a.name for a in ALGORITHMS.values() if task in a.tasks)
        raise BadInput(
            f"this algorithm does {found.tasks[0].value}, the model is a {task.value}",
            where="training.candidates",
            value=name,
            remedy=f"Name one of: {able}",
        )
    return found


def recipe(spec: Spec, name: str = "") -> Recipe:
    """Return how a spec's candidate (the first, where none is named) is fitted without a search.

    Raises:
        BadInput: no algorithm of that name, or it cannot do the spec's task; no candidate at all.
    """
    if not (name or spec.training.candidates):
        remedy = "Name an algorithm"
        raise BadInput("there is no candidate", where="training.candidates", remedy=remedy)
    algorithm = named(name or spec.training.candidates[0], spec.task)
    given = spec.training.given(algorithm.name)
    return Recipe(
        algorithm=algorithm.name,
        task=spec.task,
        parameters=algorithm.parameters(given).model_dump(),
        seed=spec.training.seed,
        is_dated=spec.split.kind == "time",
        given=frozenset(given),
    )
