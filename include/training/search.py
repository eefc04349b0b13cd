"""The search of one algorithm's parameters, within a number of trials and of seconds."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from include.errors import BadInput, InfrastructureError
from include.training import algorithms
from include.training.scoring import held_out, tables
from include.training.study import Search, Study, Tried
from include.training.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from optuna.storages import BaseStorage
    from optuna.trial import Trial

    from include.training.algorithm import Recipe
    from include.training.fit import Prepared
    from include.training.folds import Fold
    from include.training.scoring import FoldTable, HeldOut, Score

PRUNED = "pruned: worse than the median after a fold"


@dataclass(frozen=True)
class Budget:
    """How long a search may be; ``clock`` gives seconds from any start."""

    trials: int
    seconds: float
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Field:
    """What every trial of a run is measured on; ``is_dated`` where folds go on in time."""

    rows: Prepared
    folds: tuple[Fold, ...]
    score: Score
    is_dated: bool = False


@dataclass(frozen=True)
class Found:
    """The best recipe, what it says of held-out rows, every trial, whether the clock cut in."""

    recipe: Recipe
    trials: tuple[Tried, ...]
    truncated: bool
    held_out: tuple[HeldOut, ...]


@one_thread()
def search(start: Recipe, field: Field, budget: Budget, storage: BaseStorage) -> Found:
    """Return the best recipe found from ``start``, whose given parameters stay as they are.

    The first trial is ``start`` itself and is finished whatever the clock says, so that the
    smallest budget gives a valid model. Seconds spent before a kill count. Linear algebra keeps to
    one thread: candidates run side by side instead.

    Raises:
        BadInput: every trial failed; the error holds the last reason.
    """
    study, wanted = _study(start, field.score, storage), budget.trials
    bench = _Bench(field, tables(field.rows, start, field.folds), budget.clock)
    if not study.is_searchable:
        wanted = 1
    truncated = False
    while len(study.finished()) < wanted:
        left = budget.seconds - sum(tried.seconds for tried in study.finished())
        has_model = bool(_complete(study))
        truncated = has_model and left <= 0
        trial = None if truncated else study.ask()
        if trial is None:
            break
        recipe = replace(start, parameters={**start.parameters, **study.parameters(trial)})
        deadline = budget.clock() + left if has_model else math.inf
        if not _try(study, trial, _Attempt(recipe, deadline), bench):
            truncated = True
            break
    return _found(start, study, bench, truncated=truncated)


@dataclass(frozen=True)
class _Attempt:
    recipe: Recipe
    deadline: float


@dataclass
class _Bench:
    """What every trial runs on; keeps what each finished trial said, by its number."""

    field: Field
    parts: tuple[FoldTable, ...]
    clock: Callable[[], float]
    best: tuple[Recipe, tuple[HeldOut, ...]] | None = None

    def run(self, recipe: Recipe) -> Iterator[HeldOut]:
        return held_out(self.field.rows, recipe, self.parts, self.field.score)

    def keep(self, recipe: Recipe, made: tuple[HeldOut, ...]) -> None:
        """Keep the best complete trial of this process; an equal one does not replace it."""
        if self.best is None or self._loss(made) < self._loss(self.best[1]):
            self.best = (recipe, made)

    def of(self, recipe: Recipe) -> tuple[HeldOut, ...]:
        """Return what a recipe says, computed again where another process tried it."""
        if self.best is not None and self.best[0] == recipe:
            return self.best[1]
        return tuple(self.run(recipe))

    def _loss(self, made: tuple[HeldOut, ...]) -> float:
        mean = float(np.mean([part.score for part in made]))
        return -mean if self.field.score.is_higher_better else mean


def _study(start: Recipe, score: Score, storage: BaseStorage) -> Study:
    algorithm = algorithms.named(start.algorithm, start.task)
    return Study(
        storage,
        Search(
            algorithm=start.algorithm,
            knobs=tuple(k for k in algorithm.knobs(start.task) if k.name not in start.given),
            defaults=start.parameters,
            seed=start.seed,
            is_higher_better=score.is_higher_better,
        ),
    )


def _try(study: Study, trial: Trial, attempt: _Attempt, bench: _Bench) -> bool:
    """Try a recipe and write it down; say False where the clock ended it, as if never begun."""
    began, made, note = bench.clock(), [], ""
    try:
        for part in bench.run(attempt.recipe):
            made.append(part)
            trial.report(float(np.mean([one.score for one in made])), len(made) - 1)
            if len(made) == len(bench.parts):
                break
            if bench.clock() > attempt.deadline:
                return False
            if trial.should_prune():
                note = PRUNED
                break
    except (InfrastructureError, MemoryError):
        raise
    except Exception as error:  # one bad trial does not lose the study
        made, note = [], f"{type(error).__name__}: {error}"
    mean = float(np.mean([one.score for one in made])) if made else None
    study.tell(trial, mean, seconds=bench.clock() - began, note=note)
    if made and not note:
        bench.keep(attempt.recipe, tuple(made))
    return True


def _complete(study: Study) -> list[Tried]:
    return [tried for tried in study.finished() if tried.state == "complete"]


def _found(start: Recipe, study: Study, bench: _Bench, *, truncated: bool) -> Found:
    trials, complete = study.finished(), _complete(study)
    if not complete:
        raise BadInput(
            f"every trial of {start.algorithm} failed",
            where="training",
            value=trials[-1].note if trials else None,
            remedy="The note of the last trial says why",
        )
    sign = -1 if bench.field.score.is_higher_better else 1
    best = min(complete, key=lambda tried: (sign * (tried.score or 0.0), tried.number))
    recipe = replace(start, parameters={**start.parameters, **best.parameters})
    return Found(recipe, trials, truncated, bench.of(recipe))
