"""Candidate and champion on the same rows: paired differences with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from include.evaluation.bootstrap import interval, resamples
from include.evaluation.records import Difference
from include.spec.model import Task

if TYPE_CHECKING:
    from include.evaluation.metrics import Metric
    from include.spec.model import Spec


@dataclass(frozen=True)
class Answers:
    """What happened, and what both said of it; each of shape (n,)."""

    actual: np.ndarray
    candidate: np.ndarray
    champion: np.ndarray


def differences(
    spec: Spec, answers: Answers, metrics: tuple[Metric, ...]
) -> tuple[Difference, ...]:
    """Return the paired difference in every metric that these rows define.

    Both are measured on the same resamples, so that what is hard for both cancels out.
    """
    wanted = spec.evaluation.intervals
    is_classes = spec.task is Task.CLASSIFICATION
    strata = answers.actual if is_classes else np.zeros(len(answers.actual))
    rows = list(resamples(strata, wanted.resamples, spec.training.seed))
    found = []
    for metric in metrics:
        values = [
            metric.compute(answers.actual, said) for said in (answers.candidate, answers.champion)
        ]
        if any(math.isnan(value) for value in values):
            continue
        sign = 1 if metric.is_higher_better else -1
        drawn = np.array([_gain(metric, answers, again) for again in rows])
        lower, upper = interval(sign * drawn, wanted)
        gain = sign * (values[0] - values[1])
        found.append(
            Difference(
                metric=metric.name,
                candidate=values[0],
                champion=values[1],
                gain=gain,
                lower=lower,
                upper=upper,
            )
        )
    return tuple(found)


def _gain(metric: Metric, answers: Answers, rows: np.ndarray) -> float:
    actual = answers.actual[rows]
    own = metric.compute(actual, answers.candidate[rows])
    return own - metric.compute(actual, answers.champion[rows])
