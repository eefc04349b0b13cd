"""The summary as people read it at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.embedded.demo.summary import (
        EvidenceTold,
        GroupTold,
        ReleaseTold,
        StageTold,
        Summary,
        TrainingTold,
    )
    from include.replay.tally import ReplaySummary

_HEAD = f"{'stage':<14} {'wanted':>7} {'observed':>9} {'requests':>9} {'stable':>7} {'seconds':>8}"


def table(summary: Summary) -> Iterator[str]:
    """Yield the lines that people read at the end."""
    yield ""
    yield "phase" + " " * 51 + "seconds"
    for phase in summary.phases:
        yield f"  {phase.name:<52} {phase.seconds:8.1f}"
    yield f"  {'all of it':<52} {summary.seconds:8.1f}"
    yield ""
    for run in summary.trainings:
        yield from _training(run)
    if summary.prediction:
        yield f"  prediction {dict(summary.prediction.outputs)} ({summary.prediction.client})"
    for release in summary.releases:
        yield from _release(release)
    if summary.harm:
        harm = summary.harm
        yield ""
        yield (
            f"  harmful {harm.version} stopped by {harm.stage}, having answered {harm.answered} "
            f"callers (at most {harm.percent_reached} % of them); {harm.live_version} stayed live"
        )
    if summary.traffic:
        yield from _traffic(summary.traffic)
    for failure in summary.failures:
        yield f"  FAILED: {failure}"


def _training(run: TrainingTold) -> Iterator[str]:
    outcome = f"version {run.version}" if run.version else run.state
    yield f"  {run.partition:<20} data {run.data_verdict:<11} -> {outcome}"
    if run.quarantined:
        rules = ", ".join(f"{one.rule} {one.rows}" for one in run.rules)
        yield f"{'':<22} {run.quarantined} rows quarantined: {rules}"
    yield f"{'':<22} {run.reason}"
    if run.evidence:
        yield from _evidence(run.evidence)
    if run.override:
        told = run.override
        gates = ", ".join(told.gates)
        yield f"{'':<22} {gates} overridden by {told.by} (asked by {told.asked_by}): {told.reason}"
    for alert in run.alerts:
        yield f"{'':<22} alert: {alert.title} [{'; '.join(alert.deliveries)}]"


def _evidence(found: EvidenceTold) -> Iterator[str]:
    yield f"    {'candidate':<12} {found.score:>9} {'+-':>7} {'trials':>7} {'seconds':>8}"
    for one in found.candidates:
        error = "" if one.error is None else f"{one.error:.4f}"
        cut = "  cut short" if one.is_cut_short else ""
        mark = "*" if one.name == found.winner else " "
        yield (
            f"  {mark} {one.name:<12} {one.mean:>9.4f} {error:>7} {one.trials:>7} "
            f"{one.seconds:>8.1f}{cut}"
        )
    for reason in found.reasons:
        yield f"      {reason}"
    for metric in found.metrics:
        yield f"    {metric.name:<12} {metric.value:>9.4f} [{metric.lower:.4f}, {metric.upper:.4f}]"
    for group in found.groups:
        whose = f"{group.measure} of {group.attribute} {group.group}"
        yield f"    {group.verdict:<12} {whose}: {_ratio(group)}"
    for gate in found.gates:
        yield f"    gate {gate.name}: {gate.verdict} ({gate.message})"


def _ratio(one: GroupTold) -> str:
    if one.lower is None or one.upper is None:
        return one.words
    return f"{one.words} [{one.lower:.3f}, {one.upper:.3f}]"


def _release(release: ReleaseTold) -> Iterator[str]:
    by = f", approved by {release.answered_by}" if release.answered_by else ""
    beside = f" beside {release.stable_version}" if release.stable_version else ""
    yield ""
    yield f"  release {release.version}{beside}: {release.state}{by}: {release.reason}"
    if release.stages:
        yield f"    {_HEAD}  verdict"
    for stage in release.stages:
        yield f"    {_stage(stage)}"
        yield f"      {stage.words}"


def _stage(stage: StageTold) -> str:
    observed = "" if stage.observed_percent is None else f"{stage.observed_percent:.1f} %"
    return (
        f"{stage.kind:<14} {stage.percent:>5} % {observed:>9} {stage.candidate_requests:>9} "
        f"{stage.stable_requests:>7} {stage.seconds:>8.0f}  {stage.verdict} ({stage.state})"
    )


def _traffic(told: ReplaySummary) -> Iterator[str]:
    versions = ", ".join(f"{name} {count}" for name, count in told.by_version.items())
    yield ""
    wanted = f"{told.rate:g} requests/s wanted for {told.seconds:.0f} s"
    yield f"  {wanted}, {told.rows} applications in them"
    answered = f"answered {told.answered} ({versions})"
    yield f"  requests sent {told.sent}, {answered}, failed {told.failed}"
    labels = told.labels
    yield f"  labels sent {labels.due}, accepted {labels.accepted}, lost {labels.lost}"
    yield f"  median {told.median_ms} ms, 99 % within {told.p99_ms} ms"
    yield f"  {told.claim}"
