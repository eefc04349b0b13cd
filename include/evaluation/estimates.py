"""Metrics with intervals, each beside its naive baseline on the same resamples."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from include.errors import BadInput
from include.evaluation.bootstrap import interval, resamples
from include.evaluation.metrics import METRICS
from include.evaluation.report import Estimate
from include.spec.model import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.evaluation.metrics import Metric
    from include.spec.evaluation import Intervals
    from include.spec.model import Spec


@dataclass(frozen=True)
class Outcomes:
    """What happened and what was said on n rows, each of shape (n,).

    For a classification ``actual`` is 0 or 1 and ``said`` the probability of 1. ``naive`` is what
    the baseline says of every row: the positive rate, or the mean target, in training.
    """

    actual: np.ndarray
    said: np.ndarray
    naive: float


@dataclass(frozen=True)
class Estimates:
    """The estimates that could be made, and the names of the metrics the rows do not define."""

    made: tuple[Estimate, ...]
    undefined: tuple[str, ...]


def chosen(spec: Spec) -> tuple[Metric, ...]:
    """Return the metrics of a spec, in its order.

    Raises:
        BadInput: an unknown metric, or one of the other task.
    """
    able = {name: metric for name, metric in METRICS.items() if metric.task is spec.task}
    for name in spec.evaluation.metrics:
        if name not in able:
            near = difflib.get_close_matches(name, able, n=1, cutoff=0.0)[0]
            what = f"no such metric of a {spec.task.value}"
            remedy = f"Nearest: {near}; known: {', '.join(able)}"
            raise BadInput(what, where="evaluation.metrics", value=name, remedy=remedy)
    return tuple(able[name] for name in spec.evaluation.metrics)


def estimates(spec: Spec, outcomes: Outcomes) -> Estimates:
    """Measure every metric of the spec.

    A classification is resampled within each class, so that no resample lacks one. Predictions
    that are not finite are a broken measurement and are refused.

    Raises:
        BadInput: there are no rows, or a prediction is not a finite number.
    """
    if len(outcomes.actual) == 0:
        raise BadInput("the test window is empty", where="split")
    if not np.isfinite(outcomes.said).all():
        raise BadInput("a prediction is not a finite number", where=f"model {spec.model}")
    metrics = chosen(spec)
    naive = np.full(len(outcomes.actual), outcomes.naive)
    own = [metric.compute(outcomes.actual, outcomes.said) for metric in metrics]
    base = [metric.compute(outcomes.actual, naive) for metric in metrics]
    drawn = _draw(spec, outcomes, naive, metrics)
    made, undefined = [], []
    for place, metric in enumerate(metrics):
        if math.isnan(own[place]) or np.isnan(drawn[place, 0]).any():
            undefined.append(metric.name)
            continue
        pair = (own[place], base[place])
        estimate = _estimate(metric, pair, drawn[place], spec.evaluation.intervals)
        made.append(estimate.model_copy(update={"samples": len(outcomes.actual)}))
    return Estimates(tuple(made), tuple(undefined))


def _draw(
    spec: Spec, outcomes: Outcomes, naive: np.ndarray, metrics: tuple[Metric, ...]
) -> np.ndarray:
    """Return resampled values, shape (metrics, 2, resamples): the model's and the baseline's."""
    wanted = spec.evaluation.intervals
    size = len(outcomes.actual)
    strata = outcomes.actual if spec.task is Task.CLASSIFICATION else np.zeros(size)
    drawn = np.empty((len(metrics), 2, wanted.resamples))
    for turn, rows in enumerate(resamples(strata, wanted.resamples, spec.training.seed)):
        actual, said = outcomes.actual[rows], outcomes.said[rows]
        for place, metric in enumerate(metrics):
            compute: Callable[[np.ndarray, np.ndarray], float] = metric.compute
            drawn[place, 0, turn] = compute(actual, said)
            drawn[place, 1, turn] = compute(actual, naive)
    return drawn


def _estimate(
    metric: Metric, pair: tuple[float, float], drawn: np.ndarray, wanted: Intervals
) -> Estimate:
    sign = 1 if metric.is_higher_better else -1
    lower, upper = interval(drawn[0], wanted)
    gain_lower, gain_upper = interval(sign * (drawn[0] - drawn[1]), wanted)
    has_baseline = not (math.isnan(pair[1]) or math.isnan(gain_lower))
    return Estimate(
        name=metric.name,
        value=pair[0],
        lower=lower,
        upper=upper,
        samples=0,
        is_higher_better=metric.is_higher_better,
        baseline=pair[1] if has_baseline else None,
        gain=sign * (pair[0] - pair[1]) if has_baseline else None,
        gain_lower=gain_lower if has_baseline else None,
        gain_upper=gain_upper if has_baseline else None,
    )
