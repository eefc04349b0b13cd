"""All families of a spec, each in a process of its own as mapped tasks are, and the selection."""

from __future__ import annotations

import multiprocessing
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from include.spec.model import Spec

    Rows = Callable[[Spec], pd.DataFrame]

PROCESSES = 2
SAME = 1.0


@dataclass(frozen=True)
class Held:
    """A spec and the rows before and after its cut."""

    spec: Any
    train: Any
    test: Any

    @property
    def ground(self) -> Any:
        from include.evaluation.estimates import chosen
        from include.training.fit import prepare
        from include.training.folds import folds
        from include.training.search import Field

        prepared = prepare(self.spec, self.train)
        is_dated = self.spec.split.kind == "time"
        return Field(prepared, folds(self.spec, prepared), chosen(self.spec)[0], is_dated=is_dated)


@dataclass(frozen=True)
class Contest:
    """Who competed, how long each took, and who was selected why."""

    candidates: dict[str, Any]
    models: dict[str, Any]
    means: dict[str, float]
    seconds: dict[str, float]
    wall: float
    selected: str
    reasons: tuple[str, ...]

    @property
    def efficiency(self) -> float:
        """Share of the two processes' time in which a candidate was at work."""
        return sum(self.seconds.values()) / (PROCESSES * self.wall)

    @property
    def figures(self) -> dict[str, Any]:
        """What a record keeps of it."""
        found = {name: made.found for name, made in self.candidates.items()}
        return {
            "selected": self.selected,
            "mean score over the folds": self.means,
            "seconds of each": self.seconds,
            "finished trials": {name: len(one.trials) for name, one in found.items()},
            "truncated": [name for name, one in found.items() if one.truncated],
            "wall seconds": self.wall,
            "efficiency of the fan-out": self.efficiency,
        }


def held(spec: Spec, rows: Rows) -> Held:
    """Return the spec's rows, parted."""
    from include.data.split import split

    return Held(spec, *split(rows(spec), spec))


def compete(family: str, spec: Spec, rows: Rows) -> tuple[str, Any, float]:
    """Run one candidate; in a process of its own."""
    from optuna.storages import InMemoryStorage

    from include.training import algorithms, candidate
    from include.training.search import Budget

    warnings.simplefilter("ignore")
    ground = held(spec, rows).ground
    budget = Budget(spec.training.trials, spec.training.seconds)
    began = time.monotonic()
    made = candidate.compete(algorithms.recipe(spec, family), ground, budget, InMemoryStorage())
    return family, made, time.monotonic() - began


def contest(spec: Spec, rows: Rows) -> Contest:
    """Let every family and the baseline compete, two at a time, and select by the policy."""
    families = (*spec.training.candidates, "baseline")
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        results = list(pool.map(compete, families, repeat(spec), repeat(rows)))
    wall = time.monotonic() - began
    candidates = {family: made for family, made, _ in results}
    seconds = {family: taken for family, _, taken in results}
    return _selected(candidates, seconds, wall, held(spec, rows).ground)


def _selected(
    candidates: dict[str, Any], seconds: dict[str, float], wall: float, field: Any
) -> Contest:
    from include.training import policy
    from include.training.ensemble import blended, ensembles

    singles = [name for name in candidates if name != "baseline"]
    models = {name: made.fitted.model for name, made in candidates.items()}
    said = np.column_stack([candidates[name].said for name in singles])
    contenders = [
        policy.Contender(
            name,
            policy.Kind.BASELINE if name == "baseline" else policy.Kind.SINGLE,
            made.scores,
            made.latency,
        )
        for name, made in candidates.items()
    ]
    for one in ensembles(said, field):
        models[one.name] = blended(one, [models[name] for name in singles])
        contenders.append(policy.Contender(one.name, policy.Kind.ENSEMBLE, one.scores, SAME))
    score = policy.Score(field.score.name, field.score.is_higher_better)
    chosen = policy.select(contenders, score)
    means = {one.name: one.mean for one in contenders}
    return Contest(candidates, models, means, seconds, wall, chosen.name, chosen.reasons)
