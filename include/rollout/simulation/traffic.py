"""Requests drawn from a script, and counted as the serving side counts them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import exp, log, pi, sqrt
from typing import TYPE_CHECKING, Literal

from include.evidence.tally import (
    LATENCY_BOUNDS,
    WARM_UP,
    Evidence,
    Losses,
    Moments,
    Pairing,
    Tally,
    latency_bin,
    output_bin,
)

if TYPE_CHECKING:
    from random import Random

    from include.client.messages.plans import PlannedStage
    from include.rollout.simulation.script import Behaviour, Scene

_BINS = len(LATENCY_BOUNDS) + 1
_GAPS = 20


@dataclass(frozen=True)
class Answered:
    """One request as a version answered it; an error has no value, and no label no loss."""

    is_error: bool
    milliseconds: float
    value: float
    loss: Losses | None


class Counts:
    """Growing counts of one version."""

    def __init__(self) -> None:
        self.requests = self.errors = 0
        self.latency = [0] * _BINS
        self.outputs: Counter[int] = Counter()
        self.losses = Losses()

    def add(self, answered: Answered) -> None:
        """Count one request."""
        self.requests += 1
        if answered.is_error:
            self.errors += 1
            return
        if self.requests - self.errors > WARM_UP:
            self.latency[latency_bin(answered.milliseconds)] += 1
        self.outputs[output_bin(answered.value)] += 1
        if answered.loss is not None:
            self.losses = _plus(self.losses, answered.loss)


class Phase:
    """One watch of a stage: requests arrive each second, by the wanted split.

    Args:
        stage: Who gets how much.
        scene: How both versions answer.
        task: Kind of the model; a classification's loss is 0 or 1.
        draw: Source of everything random.
    """

    def __init__(
        self,
        stage: PlannedStage,
        scene: Scene,
        task: Literal["classification", "regression"],
        draw: Random,
    ) -> None:
        self.seconds = 0
        self.stable, self.candidate = Counts(), Counts()
        self._stage, self._scene, self._task, self._draw = stage, scene, task, draw
        self._due = self._share = 0.0
        self._visible_errors = self._differ = 0
        self._gaps = [0] * _GAPS
        self._differences = Losses()

    def second(self) -> None:
        """Let one second pass."""
        self.seconds += 1
        dried = self._scene.script.dries_up_at
        if dried is not None and self.seconds > dried:
            return
        self._due += self._scene.traffic
        while self._due >= 1:
            self._due -= 1
            self._request()

    def evidence(self, versions: tuple[str, str], revision: int) -> Evidence:
        """Return what was counted so far, under the names of stable version and candidate."""
        stable, candidate = versions
        is_shadow = self._stage.kind == "shadow"
        tallies = [_tally(stable, self.stable)] if self.stable.requests else []
        if self.candidate.requests and not is_shadow:
            tallies.append(_tally(candidate, self.candidate))
        is_paired = is_shadow and self.candidate.requests
        pairings = (self._pairing(candidate),) if is_paired else ()
        return Evidence("simulated", revision, float(self.seconds), tuple(tallies), pairings)

    def _request(self) -> None:
        is_shadow = self._stage.kind == "shadow"
        # Exact turns, as the router takes them.
        self._share += self._stage.percent / 100
        is_turn = self._share >= 1
        self._share -= int(is_turn)
        if not is_shadow:
            counts = self.candidate if is_turn else self.stable
            asked = self._scene.candidate if is_turn else self._scene.stable
            counts.add(self._answer(asked))
            return
        visible = self._answer(self._scene.stable)
        self.stable.add(visible)
        if is_turn:
            self._mirror(visible)

    def _answer(self, behaviour: Behaviour) -> Answered:
        draw = self._draw
        milliseconds = exp(draw.gauss(log(behaviour.latency_ms), behaviour.spread))
        value = draw.gauss(behaviour.output, behaviour.deviation)
        if self._task == "classification":
            value = min(1.0, max(0.0, value))
        is_error = draw.random() < behaviour.errors
        is_labelled = draw.random() < self._scene.labels
        loss = self._loss(behaviour.loss) if is_labelled and not is_error else None
        return Answered(is_error, milliseconds, value, loss)

    def _loss(self, mean: float) -> Losses:
        if self._task == "classification":
            wrong = float(self._draw.random() < mean)
            each = Moments(1, wrong, wrong)
            return Losses(error=each, squared=each, absolute=each)
        # Of a normal error the mean distance is sigma * sqrt(2 / pi).
        far = abs(self._draw.gauss(0.0, mean * sqrt(pi / 2)))
        return Losses(squared=Moments(1, far**2, far**4), absolute=Moments(1, far, far**2))

    def _mirror(self, visible: Answered) -> None:
        behaviour = self._scene.candidate
        if visible.is_error:
            self._visible_errors += 1
            return
        shadow = self._answer(behaviour)
        self.candidate.add(shadow)
        if shadow.is_error:
            return
        if self._task == "classification":
            self._differ += self._draw.random() < behaviour.disagrees
        scale = max(abs(shadow.value), abs(visible.value)) or 1.0
        gap = abs(shadow.value - visible.value) / scale
        self._gaps[min(_GAPS - 1, int(gap * _GAPS))] += 1
        if visible.loss is not None:
            self._differences = _plus(
                self._differences, _minus(self._loss(behaviour.loss), visible.loss)
            )

    def _pairing(self, version: str) -> Pairing:
        counts = self.candidate
        return Pairing(
            variant="v" + version.replace(".", "_"),
            version=version,
            pairs=counts.requests,
            errors=counts.errors,
            visible_errors=self._visible_errors,
            classes_differ=self._differ,
            gaps=tuple(self._gaps),
            latency=tuple(counts.latency),
            outputs=tuple(sorted(counts.outputs.items())),
            differences=self._differences,
        )


def _tally(version: str, counts: Counts) -> Tally:
    return Tally(
        variant="v" + version.replace(".", "_"),
        version=version,
        requests=counts.requests,
        errors=counts.errors,
        latency=tuple(counts.latency),
        outputs=tuple(sorted(counts.outputs.items())),
        losses=counts.losses,
    )


def _plus(a: Losses, b: Losses) -> Losses:
    return Losses(
        error=_sum(a.error, b.error),
        squared=_sum(a.squared, b.squared),
        absolute=_sum(a.absolute, b.absolute),
    )


def _sum(a: Moments, b: Moments) -> Moments:
    return Moments(a.count + b.count, a.total + b.total, a.squares + b.squares)


def _minus(a: Losses, b: Losses) -> Losses:
    return Losses(
        error=_difference(a.error, b.error),
        squared=_difference(a.squared, b.squared),
        absolute=_difference(a.absolute, b.absolute),
    )


def _difference(a: Moments, b: Moments) -> Moments:
    far = a.total - b.total
    return Moments(min(a.count, b.count), far, far**2) if a.count and b.count else Moments()
