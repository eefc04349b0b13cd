"""Counts of one variant since its phase began, from counters that begin anew with each process.

Counting begins with the first scrape in the phase: what a process had counted until then belongs
to the split before. A process that began later is counted whole. A counter that falls, or whose
process is another one, began anew. Nothing is interpolated, so that counts stay whole numbers;
what a process counted between its last scrape and its end is lost, and `interruptions` says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.errors import MetricsUnavailable
from include.serving.prometheus.conditions import Condition, unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from include.serving.prometheus.series import Labels, Scraped, Series

SIGNALS = ("requests", "errors", "latency", "predictions")
_A_TIME = 1e9
"""Smallest value that is a time since 1970, and no time since a start."""


@dataclass
class Counter:
    """One counter as it grew.

    Attributes:
        at: Time of its newest sample.
        value: Its newest sample.
        began: When its process began, as far as that is known.
        total: What it counted in the phase.
    """

    at: float
    value: float
    began: float
    total: int = 0


@dataclass
class Target:
    """One scraped process and those that took its place.

    Attributes:
        first: Time of its first scrape in the phase.
        newest: Time of its newest scrape.
        whole: Whether all that it has counted belongs to the phase.
        began: When its newest process began; 0 where that is not known.
        counters: Its counters by signal and labels.
    """

    first: float
    newest: float
    whole: bool
    began: float
    counters: dict[tuple[str, Labels], Counter] = field(default_factory=dict)


class Growth:
    """Grows with each look; a look at what was seen before changes nothing.

    Args:
        since: When the phase began.
        target: Labels that tell one process from another.
        where: Whose counts, for messages.
    """

    def __init__(self, since: float, target: tuple[str, ...], where: str) -> None:
        self.since, self.where = since, where
        self.targets: dict[Labels, Target] = {}
        self.newest = 0.0
        self.interruptions = 0
        self._target = target
        self._trouble: MetricsUnavailable | None = None

    def has_news(self, presence: tuple[Series, ...]) -> bool:
        """Say whether there are scrapes that were not taken up; one that was taken up is whole."""
        known = {key: target.newest for key, target in self.targets.items()}
        return any(
            at > known.get(key, self.since - 1)
            for key, found in self._by_target(presence).items()
            for one in found
            for at, _ in one.samples[-1:]
        )

    def check(self) -> None:
        """Raise again what was wrong with the newest samples."""
        if self._trouble is not None:
            raise self._trouble.with_traceback(None)

    def fold(self, scraped: Scraped) -> None:
        """Take up samples.

        Raises:
            MetricsUnavailable: the newest sample of a counter is no number, or no count.
        """
        try:
            self._fold(scraped)
        except MetricsUnavailable as error:
            self._trouble = error
            raise
        self._trouble = None

    def _fold(self, scraped: Scraped) -> None:
        presence = self._by_target(scraped.presence)
        for key, found in presence.items():
            self._check_once(found)
            self._scraped(key, sorted(sample for one in found for sample in one.samples))
        for signal in SIGNALS:
            series = self._by_target(getattr(scraped, signal))
            if (
                series
                and presence
                and not any(key in presence or key in self.targets for key in series)
            ):
                self._wrong_target(signal, next(iter(series)))
            for key, found in series.items():
                if key in self.targets:
                    self._counted(self.targets[key], signal, found, _starts(presence.get(key, ())))

    def totals(self, signal: str) -> Iterator[tuple[tuple[Labels, int], ...]]:
        """Return what each process counted, by labels."""
        for target in self.targets.values():
            yield tuple(
                (labels, counter.total)
                for (name, labels), counter in target.counters.items()
                if name == signal
            )

    def _by_target(self, found: Iterable[Series]) -> dict[Labels, list[Series]]:
        targets: dict[Labels, list[Series]] = {}
        for one in found:
            key = tuple((name, one.label(name)) for name in self._target)
            targets.setdefault(key, []).append(one)
        return targets

    def _scraped(self, key: Labels, samples: list[tuple[float, float]]) -> None:
        """Take note of a target's scrapes: these are complete, whenever the rest is asked for."""
        if not samples:
            return
        self.newest = max(self.newest, samples[-1][0])
        target = self.targets.get(key)
        if target is None:
            inside = [sample for sample in samples if sample[0] >= self.since]
            if not inside:
                return
            first, value = inside[0]
            began = value if value > _A_TIME else 0.0
            target = Target(first, first, began >= self.since, began)
            self.targets[key] = target
        for at, value in samples:
            if at <= target.newest:
                continue
            target.newest = at
            if value > _A_TIME and value != target.began:
                self.interruptions += 1
                target.began = value

    def _counted(self, target: Target, signal: str, found: list[Series], starts: _Starts) -> None:
        for one in found:
            samples = [s for s in one.samples if target.first <= s[0] <= target.newest]
            if not samples:
                continue
            self._check(signal, one, samples, target.newest)
            for at, value in samples:
                if not math.isnan(value):
                    self._sample(target, (signal, one.labels), (at, value), starts.at(at))

    def _sample(
        self, target: Target, key: tuple[str, Labels], sample: tuple[float, float], began: float
    ) -> None:
        at, value = sample
        counter = target.counters.get(key)
        if counter is None:
            is_before = at <= target.first and not target.whole
            target.counters[key] = Counter(at, value, began, 0 if is_before else int(value))
            return
        if at <= counter.at:
            return
        is_other = began and counter.began and began != counter.began
        is_anew = is_other or value < counter.value
        counter.total += int(value if is_anew else value - counter.value)
        counter.at, counter.value, counter.began = at, value, began or counter.began

    def _check_once(self, found: list[Series]) -> None:
        """Refuse a process that is scraped twice: each of its requests would count twice."""
        starts = [{value for _, value in one.samples if value > _A_TIME} for one in found]
        if sum(map(len, starts)) > len(set().union(*starts)):
            raise unmeasured(
                Condition.MALFORMED,
                "one process is scraped twice",
                where=self.where,
                value=[dict(one.labels) for one in found[:2]],
                remedy='Choose one of them with `matchers`, for example job="models"',
            )

    def _check(
        self, signal: str, one: Series, samples: list[tuple[float, float]], newest: float
    ) -> None:
        at, value = samples[-1]
        if math.isnan(value) and at >= newest:
            raise unmeasured(
                Condition.NAN,
                f"the newest sample of {signal} is no number",
                where=self.where,
                value=dict(one.labels),
                remedy="Look at the /metrics of that server",
            )
        wrong = next((v for _, v in samples if not (math.isnan(v) or _is_count(v))), None)
        if wrong is not None:
            raise unmeasured(
                Condition.MALFORMED,
                f"a sample of {signal} is no count",
                where=self.where,
                value=wrong,
                remedy="Select the counter itself, no rate and no average",
            )

    def _wrong_target(self, signal: str, key: Labels) -> None:
        raise unmeasured(
            Condition.MALFORMED,
            f"the counters of {signal} come from no process that `presence` knows",
            where=self.where,
            value=dict(key),
            remedy="Let `presence` select the same processes, or name their labels in `target`",
        )


def _is_count(value: float) -> bool:
    return math.isfinite(value) and value >= 0 and value == int(value)


class _Starts:
    """When the process of a target began, at the time of each scrape."""

    def __init__(self, samples: list[tuple[float, float]]) -> None:
        self._began = {at: value for at, value in samples if value > _A_TIME}

    def at(self, when: float) -> float:
        """Return it; 0 where it is not known."""
        return self._began.get(when, 0.0)


def _starts(presence: Iterable[Series]) -> _Starts:
    return _Starts([sample for one in presence for sample in one.samples])
