"""Whether metrics can judge a plan, before a release begins: facts to reasons and remedies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from include.errors import BadInput, MetricsUnavailable
from include.evidence.tally import latency_bin
from include.rollout.signals.alarms import has_beside
from include.serving.prometheus.conditions import Condition
from include.serving.prometheus.configuration import PrometheusConfiguration
from include.serving.prometheus.facts import facts, reached
from include.serving.prometheus.phases import Phase
from include.serving.prometheus.templates import MILLISECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.client.messages.plans import ReleasePlan
    from include.serving.prometheus.configuration import PodsConfiguration
    from include.serving.prometheus.facts import Facts, Found
    from include.serving.prometheus.phases import Phases
    from include.serving.prometheus.series import Series
    from include.serving.prometheus.templates import Unit

_LONGEST_MS, _SHORTEST_MS = 3_600_000.0, 10.0
"""A largest bound outside of these is no answer time: the unit is another one."""
_ENDINGS: dict[Unit, tuple[str, ...]] = {
    "seconds": ("_milliseconds", "_ms"),
    "milliseconds": ("_seconds", "_s"),
}
_SLOWER = 1.5


@dataclass(frozen=True)
class Refusal:
    """Why a release does not begin, and what to do about it."""

    where: str
    what: str
    remedy: str
    is_outage: bool = False

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{self.where}: {self.what}. {self.remedy}"


@dataclass(frozen=True)
class Needs:
    """What a plan asks of metrics.

    Attributes:
        limit_ms: The limit of an answer's time.
        compares: Whether a stage compares predictions with those of the stable version.
        labels: Whether a stage passes with labels only.
        mirrors: Whether a stage mirrors requests.
    """

    limit_ms: float
    compares: bool = True
    labels: bool = False
    mirrors: bool = False


def needs_of(plan: ReleasePlan) -> Needs:
    """Return what a plan asks of metrics."""
    quality = plan.signals.quality
    return Needs(
        limit_ms=plan.signals.latency.limit_ms,
        compares=any(has_beside(plan, stage) for stage in plan.stages),
        labels=quality is not None and quality.required,
        mirrors=any(stage.kind == "shadow" for stage in plan.stages),
    )


async def preflight(
    options: PrometheusConfiguration | PodsConfiguration, phase: Phase, needs: Needs
) -> tuple[Refusal, ...]:
    """Look at the variants that are live, and return what keeps a release from beginning.

    Args:
        options: Which metrics.
        phase: What is live; a variant without requests is not looked at.
        needs: What the plan asks of them.
    """
    found: list[Refusal] = [*unable(needs)]
    live = [arm for arm in phase.arms if arm.weight]
    for arm in live:
        found += refusals(await facts(options, phase, arm), options, needs)
    if not live and isinstance(options, PrometheusConfiguration):
        found += _times(await reached(options, phase), options)
    return tuple(dict.fromkeys(found))


async def check(
    options: PrometheusConfiguration | PodsConfiguration,
    phases: Phases,
    name: str,
    revision: int,
    plan: ReleasePlan,
) -> None:
    """Let pass a plan that metrics can judge.

    Args:
        options: Which metrics.
        phases: Who knows what is live.
        name: The endpoint.
        revision: Its revision; 0 where nothing is live.
        plan: What a release is about to do.

    Raises:
        BadInput: they cannot; all reasons and remedies at once.
        MetricsUnavailable: they cannot be looked at just now.
    """
    if not plan.stages:
        return
    phase = await phases.phase(name, revision) if revision else None
    phase = phase or Phase(name, revision, 0.0, ())
    found = await preflight(options, phase, needs_of(plan))
    final = [one for one in found if not one.is_outage]
    if final:
        told = " | ".join(str(one) for one in final)
        raise BadInput(f"metrics cannot judge this release: {told}", where=f"endpoint {name}")
    if found:
        raise MetricsUnavailable(
            found[0].what, condition=Condition.DOWN, where=found[0].where, remedy=found[0].remedy
        )


def unable(needs: Needs) -> Iterator[Refusal]:
    """Return what no metrics can do."""
    if needs.labels:
        yield Refusal(
            "release.canary.signals.quality",
            "metrics know no labels, so that no stage would ever pass",
            "Set `required: false`, or serve through the router",
        )
    if needs.mirrors:
        yield Refusal(
            "release.canary",
            "nobody mirrors requests here, so that the shadow stage would never pass",
            "Leave the shadow stage out, or serve through the router",
        )


def refusals(
    facts: Facts, options: PrometheusConfiguration | PodsConfiguration, needs: Needs
) -> tuple[Refusal, ...]:
    """Return what keeps one variant's metrics from being judged."""
    if facts.outage:
        return (_outage(facts),)
    told: list[Refusal] = []
    if isinstance(options, PrometheusConfiguration):
        told += _times(facts, options)
    told += _existence(facts, needs)
    for signal in ("requests", "errors", "latency", "predictions"):
        told += _of_counters(facts, facts.of(signal))
    told += _statuses(facts)
    told += _buckets(facts, needs)
    return tuple(told)


def _outage(facts: Facts) -> Refusal:
    is_outage = facts.condition in {Condition.DOWN, Condition.PARTIAL}
    return Refusal(facts.where, facts.outage, facts.remedy, is_outage)


def _times(facts: Facts, options: PrometheusConfiguration) -> Iterator[Refusal]:
    if facts.outage:
        yield _outage(facts)
        return
    skew = facts.now - facts.clock
    if abs(skew) > options.skew_seconds:
        what = f"Prometheus's clock is {skew:+.0f} s off ours"
        yield Refusal(options.url, what, "Let both keep time by NTP")
    times = [[at for at, _ in one.samples] for one in facts.of("presence").series]
    newest = max((one[-1] for one in times if one), default=facts.now)
    if facts.now - newest > 2 * options.scrape_seconds + options.lag_seconds:
        what = f"the newest sample is {facts.now - newest:.0f} s old"
        yield Refusal(facts.where, what, "Is its server up, and does Prometheus reach it?")
    gaps = [after - before for one in times for before, after in pairwise(one)]
    if gaps and median(gaps) > _SLOWER * options.scrape_seconds:
        what = f"it is scraped each {median(gaps):.0f} s, not each {options.scrape_seconds:g} s"
        yield Refusal(facts.where, what, "Set `scrape_seconds` to the interval of the scrapes")


def _existence(facts: Facts, needs: Needs) -> Iterator[Refusal]:
    wanted = {"presence", "requests", "latency", *(["predictions"] if needs.compares else [])}
    for signal in ("presence", "requests", "errors", "latency", "predictions"):
        found = facts.of(signal)
        if found.selector is None and signal in wanted:
            what = f"nothing tells of {signal}, so that no stage would ever pass"
            yield Refusal(f"evidence.templates.{signal}", what, "Name a selector for it")
        elif found.selector is not None and not found.series:
            what = f"no series: {found.selector}"
            remedy = "Is it scraped? Are its labels these? Has it answered a request?"
            yield Refusal(f"{facts.where}, {signal}", what, remedy)


def _of_counters(facts: Facts, found: Found) -> Iterator[Refusal]:
    where = f"{facts.where}, {found.signal}"
    wrong = next((one.type for one in found.described if one.type in {"gauge", "summary"}), "")
    if wrong:
        yield Refusal(where, f"{found.selector} is a {wrong}", "Select a counter")
    newest = [one.samples[-1][1] for one in found.series if one.samples]
    strange = next((v for v in newest if not math.isfinite(v) or v < 0 or v != int(v)), None)
    if strange is not None:
        what = f"a sample is no count: {strange:g}"
        yield Refusal(where, what, "Select the counter itself, no rate and no average")
    known = {_target(facts, one) for one in facts.of("presence").series}
    if known and found.series and not known & {_target(facts, one) for one in found.series}:
        what = f"it comes from no process that `presence` knows, by {list(facts.templates.target)}"
        yield Refusal(where, what, "Let both select the same processes, or set `target`")


def _statuses(facts: Facts) -> Iterator[Refusal]:
    code = facts.templates.code
    if facts.templates.errors is not None:
        return
    texts = {one.label(code) for one in facts.of("requests").series}
    wrong = sorted(text for text in texts if text[:1] not in {*"012345"})
    if wrong:
        what = f"label {code!r} is no HTTP status: {wrong[0]!r}"
        yield Refusal(f"{facts.where}, requests", what, "Set `code`, or select `errors`")


def _buckets(facts: Facts, needs: Needs) -> Iterator[Refusal]:
    for signal in ("latency", "predictions"):
        found = facts.of(signal)
        bounds = _bounds(found)
        where = f"{facts.where}, {signal}"
        if found.series and math.inf not in bounds:
            yield Refusal(where, 'no bucket has le="+Inf"', "Select the metric ending in _bucket")
        elif found.series and signal == "latency":
            yield from _units(where, found, bounds, facts.templates.unit)
            yield from _limit(where, bounds, facts.templates.unit, needs.limit_ms)


def _units(where: str, found: Found, bounds: set[float], unit: Unit) -> Iterator[Refusal]:
    metric = str(found.selector.metric if found.selector else "").removesuffix("_bucket")
    said = {one.unit for one in found.described if one.unit} - {unit}
    finite = [bound * MILLISECONDS[unit] for bound in bounds if math.isfinite(bound)]
    largest = max(finite, default=_SHORTEST_MS)
    if metric.endswith(_ENDINGS[unit]) or said & {*MILLISECONDS}:
        what = f"its bounds are not in {unit}, by {'its name' if not said else 'its unit'}"
    elif not _SHORTEST_MS <= largest <= _LONGEST_MS:
        what = f"its largest bound would be {largest:g} ms: {unit} cannot be its unit"
    else:
        return
    yield Refusal(where, what, "Set `latency_unit`")


def _limit(where: str, bounds: set[float], unit: Unit, limit_ms: float) -> Iterator[Refusal]:
    """Refuse a limit inside a bucket: nobody knows which of its answers were slower."""
    finite = sorted(round(b * MILLISECONDS[unit], 6) for b in bounds if math.isfinite(b))
    if latency_bin(limit_ms) in {latency_bin(bound) for bound in finite}:
        return
    near = sorted(finite, key=lambda bound: abs(bound - limit_ms))[:2]
    what = f"no bucket ends at the limit of {limit_ms:g} ms"
    named = " or ".join(f"{bound:g}" for bound in sorted(near))
    yield Refusal(where, what, f"Set `limit_ms` to {named}, or add the bucket")


def _bounds(found: Found) -> set[float]:
    bounds = set()
    for one in found.series:
        try:
            bounds.add(float(one.label("le")))
        except ValueError:
            continue
    return bounds


def _target(facts: Facts, one: Series) -> tuple[str, ...]:
    return tuple(one.label(name) for name in facts.templates.target)
