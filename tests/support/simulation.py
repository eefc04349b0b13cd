"""Simulated stages: true rates become evidence, look by look. Needs numpy (steps environment)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from include.client.messages.plans import PlannedStage, ReleasePlan
from include.evidence.tally import Evidence, Losses, Moments, Pairing, Tally
from include.rollout.judging import Versions, judge
from include.spec.release import Signals
from include.verdict import Verdict
from tests.support.evidence import CANDIDATE, STABLE, timed
from tests.support.screening import may_decide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.client.messages.plans import StageSeen
    from include.spec.release import QualityLimits

VERSIONS = Versions(STABLE, CANDIDATE)
BINS = 24
NEVER = 10**9
WAVE = 20


@dataclass(frozen=True)
class Truth:
    """True rates of a version, and how often it disagrees with the other one.

    Attributes:
        errors: Probability that a request fails.
        slow: Probability that an answer is slow.
        wrong: Probability that a prediction is wrong; 0 where there are no labels.
        differ: Probability that both disagree (shadow).
        labels: Share of the predictions that get a label.
        waves: Whether requests fail only in every second span of `WAVE` looks.
    """

    errors: float = 0.0
    slow: float = 0.0
    wrong: float = 0.0
    differ: float = 0.1
    labels: float = 1.0
    waves: bool = False


@dataclass(frozen=True)
class Traffic:
    """Requests of a stage.

    Attributes:
        per_look: Requests between two looks, of all variants together.
        looks: How many looks there are at most, one a second.
        label_delay: Looks until a prediction gets its label.
    """

    per_look: int
    looks: int
    label_delay: int = 0


def plan(quality: QualityLimits | None = None, **patience: float) -> ReleasePlan:
    """Return the plan of a whole release, with the patience that specs have by default."""
    ways = [("shadow", 100), *(("canary", weight) for weight in (5, 25, 50, 100))]
    waits = {"min_requests": 100, "min_seconds": 30.0, "deadline_seconds": 300.0, **patience}
    return ReleasePlan(
        kind="canary",
        task="classification",
        stages=tuple(PlannedStage(kind=kind, percent=part, **waits) for kind, part in ways),
        signals=Signals(quality=quality),
        false_alarms=0.01,
        undecided_roles=("approver",),
        undecided_seconds=3600,
        newer_version="supersede",
    )


@dataclass(frozen=True)
class Series:
    """Growing counts of one version: an entry a look."""

    requests: np.ndarray
    errors: np.ndarray
    slow: np.ndarray
    labels: np.ndarray
    wrong: np.ndarray
    outputs: np.ndarray

    def tally(self, look: int, version: str) -> Tally:
        requests, errors = int(self.requests[look]), int(self.errors[look])
        slow, wrong = int(self.slow[look]), int(self.wrong[look])
        return Tally(
            version,
            version,
            requests,
            errors,
            0,
            timed(requests - errors - slow, slow),
            bins(self.outputs[look]),
            Losses(error=Moments(int(self.labels[look]), wrong, wrong)),
        )


def bins(counts: np.ndarray) -> tuple[tuple[int, int], ...]:
    return tuple(enumerate(counts.tolist()))


def series(rng: np.random.Generator, sent: np.ndarray, truth: Truth, delay: int) -> Series:
    """Draw what a version does with the requests that were sent to it, given look by look."""
    each = np.diff(sent, prepend=0)
    is_on = np.arange(len(sent)) // WAVE % 2 if truth.waves else 1
    errors = rng.binomial(each, truth.errors * is_on)
    answers = each - errors
    labels = rng.binomial(answers, truth.labels if truth.wrong else 0.0)
    labels = np.concatenate([np.zeros(delay, dtype=int), labels[: len(labels) - delay]])
    return Series(
        sent,
        errors.cumsum(),
        rng.binomial(answers, truth.slow).cumsum(),
        labels.cumsum(),
        rng.binomial(labels, truth.wrong).cumsum(),
        predictions(rng, answers).cumsum(axis=0),
    )


def predictions(rng: np.random.Generator, answers: np.ndarray) -> np.ndarray:
    """Draw the bin of each prediction; all bins are as likely. Return counts by look and bin."""
    looks = np.repeat(np.arange(len(answers)), answers)
    places = looks * BINS + rng.integers(BINS, size=len(looks))
    return np.bincount(places, minlength=len(answers) * BINS).reshape(-1, BINS)


@dataclass
class Stage:
    """One stage, drawn whole, judged look by look by the product's own function."""

    rng: np.random.Generator
    plan: ReleasePlan
    index: int
    candidate: Truth
    stable: Truth
    traffic: Traffic
    ours: Series = field(init=False)
    theirs: Series | None = field(init=False, default=None)
    pairs: tuple[np.ndarray, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        stage, delay = self.plan.stages[self.index], self.traffic.label_delay
        everybody = np.arange(1, self.traffic.looks + 1) * self.traffic.per_look
        if stage.kind == "shadow":
            self.theirs = series(self.rng, everybody, self.stable, delay)
            unlabelled = replace(self.candidate, wrong=0)
            answered = everybody - self.theirs.errors
            self.ours = series(self.rng, answered, unlabelled, 0)
            self.pairs = self._pairs()
            return
        turns = (everybody * stage.percent + 50) // 100
        self.ours = series(self.rng, turns, self.candidate, delay)
        if stage.percent < 100:
            self.theirs = series(self.rng, everybody - turns, self.stable, delay)

    def _pairs(self) -> tuple[np.ndarray, ...]:
        """Draw pairs that disagree: then one of both is wrong, the shadow more often if worse."""
        answered = np.diff(self.ours.requests - self.ours.errors, prepend=0)
        differ = self.rng.binomial(answered, self.candidate.differ)
        excess = self.candidate.wrong - self.stable.wrong
        worse = self.rng.binomial(differ, (1 + excess / self.candidate.differ) / 2)
        labelled = answered if self.stable.wrong else np.zeros_like(answered)
        delay = self.traffic.label_delay
        late = [np.concatenate([np.zeros(delay, dtype=int), each[: len(each) - delay]])
                for each in (labelled, 2 * worse - differ, differ)]  # fmt: skip
        return (differ.cumsum(), *(each.cumsum() for each in late))

    def evidence(self, look: int) -> Evidence:
        """Return the evidence after this many looks, from 0."""
        seconds = float(look + 1)
        theirs = () if self.theirs is None else (self.theirs.tally(look, STABLE),)
        if not self.pairs:
            return Evidence("toy", 3, seconds, (*theirs, self.ours.tally(look, CANDIDATE)))
        return Evidence("toy", 3, seconds, theirs, (self._pairing(look),))

    def _pairing(self, look: int) -> Pairing:
        differ, labels, total, squares = (int(each[look]) for each in self.pairs)
        ours = self.ours.tally(look, CANDIDATE)
        has_labels = Moments(labels, total, squares) if self.stable.wrong and labels else Moments()
        return Pairing(
            "shadow", CANDIDATE, ours.requests, ours.errors,
            visible_errors=int(self.theirs.errors[look]) if self.theirs else 0,
            classes_differ=differ, latency=ours.latency, outputs=ours.outputs,
            differences=Losses(error=has_labels),
        )  # fmt: skip

    def looks(self) -> Iterator[tuple[int, StageSeen]]:
        """Look each second until there is a verdict, or the time is over.

        Looks at which nothing can be decided are passed over.
        """
        for look in np.flatnonzero(may_decide(self)).tolist():
            seen = self.look(look)
            yield look, seen
            if seen.verdict in {Verdict.PASS, Verdict.FAIL}:
                return

    def look(self, look: int) -> StageSeen:
        """Return what the product's own function says of a look."""
        return judge(self.plan, self.index, VERSIONS, self.evidence(look))

    def end(self) -> tuple[int, StageSeen]:
        """Return the last look."""
        return list(self.looks())[-1]
