"""Counts of one variant, or of one shadow, as they grow; `Tally` and `Pairing` are their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.evidence.tally import (
    LATENCY_BOUNDS,
    WARM_UP,
    Losses,
    Moments,
    Pairing,
    Tally,
    latency_bin,
    output_bin,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.serving.losses import Loss
    from include.serving.said import Said
    from include.serving.witness import Predicted

GAPS = 20
_LATENCIES = len(LATENCY_BOUNDS) + 1
_CALLER, _SERVER = 400, 500


def refused(predicted: Predicted) -> bool:
    """Say whether an answer blames the caller."""
    return _CALLER <= predicted.answer.status < _SERVER


def spoken(predicted: Predicted | None) -> Said | None:
    """Return the predictions of a good answer; None of every other, also of one of no protocol."""
    if predicted is None or predicted.answer.status >= _CALLER:
        return None
    return predicted.said


class Sums:
    """Growing `Moments`."""

    __slots__ = ("count", "squares", "total")

    def __init__(self, moments: Moments) -> None:
        self.count, self.total, self.squares = moments.count, moments.total, moments.squares

    def add(self, value: float | None) -> None:
        """Add a value; None adds nothing."""
        if value is not None:
            self.count += 1
            self.total += value
            self.squares += value * value

    def moments(self) -> Moments:
        """Return the value."""
        return Moments(self.count, self.total, self.squares)


class LossSums:
    """Growing `Losses`."""

    __slots__ = ("absolute", "error", "squared")

    def __init__(self, losses: Losses) -> None:
        self.error, self.squared = Sums(losses.error), Sums(losses.squared)
        self.absolute = Sums(losses.absolute)

    def add(self, loss: Loss) -> None:
        """Add the losses of one prediction."""
        self.error.add(loss.error)
        self.squared.add(loss.squared)
        self.absolute.add(loss.absolute)

    def losses(self) -> Losses:
        """Return the value."""
        return Losses(self.error.moments(), self.squared.moments(), self.absolute.moments())


class Answers:
    """Growing histograms of what good answers took and said."""

    __slots__ = ("latency", "outputs")

    def __init__(self, latency: tuple[int, ...], outputs: Iterable[tuple[int, int]]) -> None:
        self.latency = list(latency) or [0] * _LATENCIES
        self.outputs = dict(outputs)

    def add(self, predicted: Predicted, values: tuple[float, ...]) -> None:
        """Count an answer, as slow or quick only after the warm-up of its server."""
        if predicted.nth > WARM_UP:
            self.latency[latency_bin(predicted.seconds * 1000)] += 1
        outputs = self.outputs
        for value in values:
            place = output_bin(value)
            outputs[place] = outputs.get(place, 0) + 1

    def bins(self) -> tuple[tuple[int, int], ...]:
        """Return the outputs in rising order of bins."""
        return tuple(sorted(self.outputs.items()))


class VariantCount:
    """The growing tally of a variant."""

    __slots__ = (
        "answers",
        "errors",
        "losses",
        "refused",
        "requests",
        "units",
        "variant",
        "version",
    )

    def __init__(self, tally: Tally) -> None:
        self.variant, self.version = tally.variant, tally.version
        self.requests, self.errors, self.refused = tally.requests, tally.errors, tally.refused
        self.answers = Answers(tally.latency, tally.outputs)
        self.losses = LossSums(tally.losses)
        self.units = tally.units

    def answered(self, predicted: Predicted) -> None:
        """Count an answer. A success that is not the protocol's is an error of the variant."""
        if predicted.asked.unit:
            self.units = True
        if refused(predicted):
            self.refused += 1
            return
        self.requests += 1
        said = spoken(predicted)
        if said is None:
            self.errors += 1
        else:
            self.answers.add(predicted, said.values)

    def failed(self, *, unit: bool) -> None:
        """Count a request without an answer."""
        self.requests += 1
        self.errors += 1
        self.units = self.units or unit

    def tally(self) -> Tally:
        """Return the value."""
        return Tally(
            variant=self.variant,
            version=self.version,
            requests=self.requests,
            errors=self.errors,
            refused=self.refused,
            latency=tuple(self.answers.latency),
            outputs=self.answers.bins(),
            losses=self.losses.losses(),
            units=self.units,
        )


class ShadowCount:
    """The growing pairing of a shadow variant.

    A request of several rows is one pair: its classes differ if those of any row do, and its gap
    is the largest of its rows.
    """

    __slots__ = (
        "answers", "classes_differ", "differences", "dropped", "errors", "gaps", "pairs",
        "variant", "version", "visible_errors",
    )  # fmt: skip

    def __init__(self, pairing: Pairing) -> None:
        self.variant, self.version = pairing.variant, pairing.version
        self.pairs, self.errors = pairing.pairs, pairing.errors
        self.visible_errors, self.dropped = pairing.visible_errors, pairing.dropped
        self.classes_differ = pairing.classes_differ
        self.gaps = list(pairing.gaps) or [0] * GAPS
        self.answers = Answers(pairing.latency, pairing.outputs)
        self.differences = LossSums(pairing.differences)

    def mirrored(self, visible: Predicted | None, shadow: Predicted | None) -> None:
        """Count a mirrored request. What the visible variant refused is no pair.

        A shadow that refuses what the visible variant accepted, or answers with another number of
        rows, has not answered.
        """
        if visible is not None and refused(visible):
            return
        seen, other = spoken(visible), spoken(shadow)
        if seen is None:
            self.visible_errors += 1
            return
        self.pairs += 1
        if shadow is None or other is None or other.rows != seen.rows:
            self.errors += 1
            return
        self.answers.add(shadow, other.values)
        self._compare(seen, other)

    def _compare(self, seen: Said, other: Said) -> None:
        ours, theirs = seen.values, other.values
        if not ours or len(ours) != len(theirs):
            self.classes_differ += seen.predictions != other.predictions
            return
        rows = list(zip(ours, theirs, strict=True))
        self.classes_differ += any((a >= 0.5) != (b >= 0.5) for a, b in rows)
        self.gaps[max(_gap(a, b) for a, b in rows)] += 1

    def pairing(self) -> Pairing:
        """Return the value."""
        return Pairing(
            variant=self.variant,
            version=self.version,
            pairs=self.pairs,
            errors=self.errors,
            visible_errors=self.visible_errors,
            classes_differ=self.classes_differ,
            gaps=tuple(self.gaps),
            latency=tuple(self.answers.latency),
            outputs=self.answers.bins(),
            differences=self.differences.losses(),
            dropped=self.dropped,
        )


def _gap(one: float, other: float) -> int:
    larger = max(abs(one), abs(other))
    return min(GAPS - 1, int(abs(one - other) / larger * GAPS)) if larger else 0
