"""Which looks at a simulated stage may decide: bounds, for all looks at once (steps environment).

Thousands of releases, each looked at every second, are hours of judging; at nearly all of these
looks nothing can be decided. What is left out here is only what the bounds rule out, and
`tests/soak/evidence/test_screening.py` lets the product judge every look of many stages beside it.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaincc, betaln

from include.evidence.confidence import FEWEST
from include.evidence.counts import PRIOR_WEIGHT
from include.rollout.signals import alarms
from include.rollout.signals.quality import NO_WORSE

if TYPE_CHECKING:
    from include.spec.release import QualityLimits
    from tests.support.simulation import Stage

_SLACK = 1e-6
"""More than rounding can make of a bound."""
_MASS = 10.0
"""No prior has less than exp(-10) of its mass above its share, for shares from a millionth on."""
_JEFFREYS, _EVEN = 0.5, 0.5


def may_decide(stage: Stage) -> np.ndarray:
    """Return for each look whether it may be a pass or a fail; the last one always counts."""
    with np.errstate(divide="ignore", invalid="ignore"):
        may = _may_pass(stage) | _may_fail(stage)
    may[-1] = True
    return may


def _may_pass(stage: Stage) -> np.ndarray:
    planned, limits = stage.plan.stages[stage.index], stage.plan.signals.quality
    seconds = np.arange(1, stage.traffic.looks + 1)
    may = (seconds >= planned.min_seconds) & (stage.ours.requests >= planned.min_requests)
    may &= _within_limits(stage)
    if limits is None or not limits.required or stage.theirs is None:
        return may
    value, error, labels = _quality(stage, limits)
    upper = value + error * _widths(stage, limits, labels, NO_WORSE)
    return may & (upper < limits.margin + _SLACK)


def _within_limits(stage: Stage) -> np.ndarray:
    """Say whether what was observed lies within every absolute limit."""
    limits, ours = stage.plan.signals, stage.ours
    answers = ours.requests - ours.errors
    small = ours.errors <= limits.errors.max_share * ours.requests + _SLACK
    small &= ours.slow <= limits.latency.max_share * answers + _SLACK
    if stage.pairs:
        small &= stage.pairs[0] <= limits.agreement.max_disagreement * answers + _SLACK
    return small


def _may_fail(stage: Stage) -> np.ndarray:
    limits, ours, theirs = stage.plan.signals, stage.ours, stage.theirs
    answers = ours.requests - ours.errors
    may = _reaches(stage, ours.errors, answers, limits.errors.max_share)
    may |= _reaches(stage, ours.slow, answers - ours.slow, limits.latency.max_share)
    if theirs is None:
        return may
    share = (ours.requests + 1) / (ours.requests + theirs.requests + 1)
    may |= _reaches(stage, ours.errors, theirs.errors, _EVEN if stage.pairs else share)
    may |= _exceeds(stage, limits.latency.max_increase) | _is_far(stage)
    if stage.pairs:
        most = limits.agreement.max_disagreement
        may |= _reaches(stage, stage.pairs[0], answers - stage.pairs[0], most)
    if limits.quality is not None:
        value, error, labels = _quality(stage, limits.quality)
        lower = value - error * _widths(stage, limits.quality, labels, alarms.level(stage.plan))
        may |= lower > limits.quality.margin - _SLACK
    return may


def _least(stage: Stage) -> float:
    """Return the logarithm of the evidence that harm takes."""
    return -log(alarms.level(stage.plan)) - _SLACK


def _reaches(stage: Stage, hits: np.ndarray, others: np.ndarray, share: object) -> np.ndarray:
    """Bound the test of counts: of the mixture's mass, all lies above the share."""
    p = np.broadcast_to(np.asarray(share, dtype=float), hits.shape)
    may = hits > p * (hits + others)
    p, hits, others = p[may], hits[may], others[may]
    a, b = PRIOR_WEIGHT * p, PRIOR_WEIGHT * (1 - p)
    mixed = betaln(a + hits, b + others) - hits * np.log(p) - others * np.log1p(-p)
    most = mixed - betaln(a, b)
    # The mass of the prior above the share costs more than all the rest: only where it matters.
    near = most >= _least(stage) - _MASS
    most[near] -= np.log(betaincc(a[near], b[near], p[near]))
    most[~near] = -np.inf
    may[may] = most >= _least(stage)
    return may


def _exceeds(stage: Stage, margin: float) -> np.ndarray:
    """Bound the test of an excess: the best likelihood within the margin is no less than one."""
    assert stage.theirs is not None
    (h, n), (k, m) = ((arm.slow, arm.requests - arm.errors) for arm in (stage.ours, stage.theirs))
    at = np.clip((h + k - margin * n) / (n + m), 1e-9, 1 - margin - 1e-9)
    within = k * np.log(at) + (m - k) * np.log1p(-at)
    within += h * np.log(at + margin) + (n - h) * np.log1p(-at - margin)
    mixed = sum(betaln(one + _JEFFREYS, rest + _JEFFREYS) for one, rest in ((h, n - h), (k, m - k)))
    evidence = mixed - 2 * betaln(_JEFFREYS, _JEFFREYS) - within
    return (evidence >= _least(stage)) & (h / n - k / m > margin)


def _is_far(stage: Stage) -> np.ndarray:
    """Say whether the distance of the predictions is above its limit, surely or not."""
    assert stage.theirs is not None
    steps = [arm.outputs.cumsum(axis=1) for arm in (stage.ours, stage.theirs)]
    ours, theirs = (each / each[:, -1:] for each in steps)
    return np.abs(ours - theirs).max(axis=1) > stage.plan.signals.distribution.max_distance


def _quality(stage: Stage, limits: QualityLimits) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return differences of losses, standard errors that are not too large, and labels."""
    if stage.pairs:
        _, count, total, squares = stage.pairs
        spread = (squares + 2) / (count + 2) - (total / (count + 2)) ** 2
        return total / count, np.sqrt(spread / (count + 2)), count
    assert stage.theirs is not None
    n, m = stage.ours.labels, stage.theirs.labels
    one, other = stage.ours.wrong / n, stage.theirs.wrong / m
    # The share at the margin lies between both ends, and x(1 - x) is least at one of them.
    ends = [np.clip(end, 0, 1 - limits.margin) for end in (other, one - limits.margin)]
    ours = np.minimum(*((end + limits.margin) * (1 - end - limits.margin) for end in ends))
    theirs = np.minimum(*(end * (1 - end) for end in ends))
    enough = np.where(np.minimum(n, m) >= FEWEST, 1.0, np.nan)
    return (one - other) * enough, np.sqrt(ours.clip(0) / n + theirs / m), n + m


def _widths(stage: Stage, limits: QualityLimits, n: np.ndarray, alpha: float) -> np.ndarray:
    """Return how many standard errors a bound is away."""
    percent = 100 if stage.pairs else stage.plan.stages[stage.index].percent
    tail, planned = 2 * alpha, limits.min_labels * 100 / percent
    r2 = (-2 * log(tail) + log(-2 * log(tail) + 1)) / planned
    spread = n * r2 + 1
    return np.sqrt(2 * spread / (n * r2) * np.log1p(np.sqrt(spread) / tail))
