"""Every algorithm a spec may name."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.training.logistic import Logistic
from include.training.ridge import Ridge

if TYPE_CHECKING:
    from include.spec.model import Spec
    from include.training.algorithm import Algorithm

ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm for algorithm in (Logistic(), Ridge())
}


def of(spec: Spec) -> Algorithm:
    """Return the algorithm that a spec names.

    Raises:
        BadInput: no algorithm of that name, or it cannot do the spec's task.
    """
    name = spec.training.algorithm
    found = ALGORITHMS.get(name)
    if found is None:
        near = difflib.get_close_matches(name, ALGORITHMS, n=1, cutoff=0.0)[0]
        known = ", ".join(ALGORITHMS)
        remedy = f"Nearest: {near}; known: {known}"
        raise BadInput("unknown algorithm", where="training.algorithm", value=name, remedy=remedy)
    if found.task is not spec.task:
        able = ", ".join(a.name for a in ALGORITHMS.values() if a.task is spec.task)
        raise BadInput(
            f"this algorithm does {found.task.value}, the model is a {spec.task.value}",
            where="training.algorithm",
            value=name,
            remedy=f"Name one of: {able}",
        )
    return found
