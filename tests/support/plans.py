"""Plans of rollouts, small and complete."""

from __future__ import annotations

from typing import Literal

from include.client.messages.plans import PlannedStage, ReleasePlan, StageSeen
from include.spec.release import Signals
from include.verdict import Verdict

Kind = Literal["first", "canary", "rollback"]


def stage(percent: int, kind: Literal["shadow", "canary"] = "canary") -> PlannedStage:
    return PlannedStage(
        kind=kind, percent=percent, min_requests=20, min_seconds=0, deadline_seconds=60
    )


def plan(kind: Kind = "canary", *weights: int, shadow: bool = False) -> ReleasePlan:
    """Return a plan with these weights; with all traffic at once where none are given."""
    canaries = tuple(stage(weight) for weight in weights or (100,))
    shadows = (stage(100, "shadow"),) if shadow else ()
    return ReleasePlan(
        kind=kind,
        task="classification",
        stages=() if kind == "rollback" else (*shadows, *canaries),
        signals=Signals(),
        false_alarms=0.01,
        undecided_roles=("approver",),
        undecided_seconds=3600,
        newer_version="queue" if kind == "rollback" else "supersede",
    )


def seen(verdict: Verdict = Verdict.PASS, requests: int = 100) -> StageSeen:
    """Return a look at a stage."""
    return StageSeen(
        verdict=verdict, words="as told", signals=(), seconds=30, candidate_requests=requests,
        stable_requests=requests,
    )  # fmt: skip
