"""What was seen of a stage, in words: for the log, for an alert, and for people who decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.rollout.planning import stage_name

if TYPE_CHECKING:
    from include.client.messages.plans import PlannedStage, SignalSeen, StageRecord, StageSeen
    from include.client.messages.rollouts import Rollout

OPTIONS_IN_WORDS = (
    "- `continue`: take the stage as passed, and go on to the next",
    "- `extend`: watch it once more, for as long again; then the evidence alone decides",
    "- `roll_back`: bring the live version back",
)


def evidence(seen: StageSeen) -> tuple[str, ...]:
    """Return what a look showed, a line for the whole and one for each signal."""
    share = seen.observed_percent
    observed = "split not measured" if share is None else f"{share:.1f} % of the requests"
    counted = (
        f"{seen.candidate_requests} requests of the candidate, {seen.stable_requests} of stable"
    )
    whole = f"{counted}, {observed}, watched for {seen.seconds:.0f} s"
    return (whole, *map(_signal, seen.signals))


def question(rollout: Rollout, record: StageRecord) -> str:
    """Return what people should know who decide about an undecided stage, in Markdown."""
    stage = rollout.plan.stages[record.index]
    seen = record.seen
    lines = evidence(seen) if seen else ("nothing was seen",)
    said = seen.words if seen else record.reason
    return "\n".join((
        f"{rollout.model} **{rollout.version}** on `{rollout.endpoint}`, beside "
        f"{rollout.stable_version or 'nothing'}, at stage `{stage_name(stage)}` of "
        f"{len(rollout.plan.stages)}: {_share(stage)}.",
        f"\nNo verdict by the deadline: {said}",
        "\nEvidence:",
        *(f"- {line}" for line in lines),
        "\nYou may answer:",
        *OPTIONS_IN_WORDS,
        "\nNo answer by the deadline rolls back.",
    ))


def why_back(rollout: Rollout) -> str:
    """Return why a rollout goes back, in one line: its failed stage and the reason."""
    if not rollout.stages:
        return "no stage was begun"
    record = rollout.stages[-1]
    name = stage_name(rollout.plan.stages[record.index])
    return f"{name} {record.state.value}: {record.reason or 'no reason was given'}"


def _signal(signal: SignalSeen) -> str:
    return f"{signal.name}: {signal.verdict.value} - {signal.words}"


def _share(stage: PlannedStage) -> str:
    if stage.kind == "shadow":
        return f"{stage.percent} % of the requests are mirrored to it, and it answers nobody"
    return f"it answers {stage.percent} % of the requests"
