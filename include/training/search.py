"""The search of one algorithm's parameters, within a number of trials and of seconds."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from include.errors import BadInput, InfrastructureError
from include.training import algorithms
from include.training.scoring import held_out
from include.training.study import Search, Study, Tried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from optuna.storages import BaseStorage
    from optuna.trial import Trial

    from include.training.algorithm import Recipe
    from include.training.fit import Prepared
    from include.training.folds import Fold
    from include.training.scoring import Score

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
    """The best recipe, every trial, and whether the clock ended the search."""

    recipe: Recipe
    trials: tuple[Tried, ...]
    truncated: bool


def search(start: Recipe, field: Field, budget: Budget, storage: BaseStorage) -> Found:
    """Return the best recipe found from ``start``, whose given parameters stay as they are.

    The first trial is ``start`` itself and is finished whatever the clock says, so that the
    smallest budget gives a valid model. Seconds spent before a kill count.

    Raises:
        BadInput: every trial failed; the error holds the last reason.
    """
    study, wanted = _study(start, field.score, storage), budget.trials
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
        attempt = _Attempt(recipe, field, budget.clock() + left if has_model else math.inf)
        if not _try(study, trial, attempt, budget.clock):
            truncated = True
            break
    return _found(start, study, field.score, truncated=truncated)


@dataclass(frozen=True)
class _Attempt:
    recipe: Recipe
    field: Field
    deadline: float


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


def _try(study: Study, trial: Trial, attempt: _Attempt, clock: Callable[[], float]) -> bool:
    """Try a recipe and write it down; say False where the clock ended it, as if never begun."""
    began, scores, note = clock(), [], ""
    try:
        for fold in _scores(attempt):
            scores.append(fold)
            trial.report(float(np.mean(scores)), len(scores) - 1)
            if len(scores) == len(attempt.field.folds):
                break
            if clock() > attempt.deadline:
                return False
            if trial.should_prune():
                note = PRUNED
                break
    except (InfrastructureError, MemoryError):
        raise
    except Exception as error:  # one bad trial does not lose the study
        scores, note = [], f"{type(error).__name__}: {error}"
    mean = float(np.mean(scores)) if scores else None
    study.tell(trial, mean, seconds=clock() - began, note=note)
    return True


def _scores(attempt: _Attempt) -> Iterator[float]:
    field = attempt.field
    for fold in held_out(field.rows, attempt.recipe, field.folds, field.score):
        yield fold.score


def _complete(study: Study) -> list[Tried]:
    return [tried for tried in study.finished() if tried.state == "complete"]


def _found(start: Recipe, study: Study, score: Score, *, truncated: bool) -> Found:
    trials, complete = study.finished(), _complete(study)
    if not complete:
        raise BadInput(
            f"every trial of {start.algorithm} failed",
            where="training",
            value=trials[-1].note if trials else None,
            remedy="The note of the last trial says why",
        )
    sign = -1 if score.is_higher_better else 1
    best = min(complete, key=lambda tried: (sign * (tried.score or 0.0), tried.number))
    recipe = replace(start, parameters={**start.parameters, **best.parameters})
    return Found(recipe, trials, truncated)
