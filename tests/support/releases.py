"""Releases as their DAG drives them, through the real client, against a control plane."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from typing import TYPE_CHECKING

from include.client.asynchronous import AsyncControlPlane
from include.client.control_plane import ControlPlane
from include.client.messages.base import RunRef
from include.client.messages.decisions import OpenDecision
from include.client.messages.plans import (
    LookAtStage,
    MoveStage,
    PlannedStage,
    ReleasePlan,
    StageSeen,
    StageState,
)
from include.client.messages.registry import GateOutcome, MetricValue, RegisterVersion, Version
from include.client.messages.rollouts import (
    MoveRollout,
    OpenRollout,
    Rollout,
    RolloutState,
    VariantWish,
    WantVariants,
)
from include.client.workload import WorkloadTokens
from include.decisions.staging import StageMatter
from include.evidence.tally import Evidence, Losses, Moments, Pairing
from include.rollout.judging import Versions, judge
from include.rollout.stages import dark, settled, staged
from include.spec.release import QualityLimits, Signals
from include.verdict import Verdict
from tests.support.evidence import Arm, timed

if TYPE_CHECKING:
    from typing import Literal

SIGNALS = Signals(quality=QualityLimits(loss="error", margin=0.05))


def _plan(kind: Literal["first", "canary"]) -> ReleasePlan:
    ways: dict[str, tuple[tuple[Literal["shadow", "canary"], int], ...]] = {
        "first": (("canary", 100),),
        "canary": (
            ("shadow", 100), ("canary", 5), ("canary", 25), ("canary", 50), ("canary", 100),
        ),
    }  # fmt: skip
    return ReleasePlan(
        kind=kind,
        task="classification",
        stages=tuple(
            PlannedStage(
                kind=way, percent=percent, min_requests=200, min_seconds=30, deadline_seconds=3600
            )
            for way, percent in ways[kind]
        ),
        signals=SIGNALS,
        false_alarms=0.01,
        undecided_roles=("approver",),
        undecided_seconds=86_400,
        newer_version="queue",
    )


class Release:
    """One release of a new version of a model, step by step; the endpoint has the model's name."""

    def __init__(self, base_url: str, secret: str, model: str, number: int) -> None:
        day = f"2026-11-{number:02d}T06:00:00+00:00"
        self.run = RunRef(
            dag_id=f"{model}_release", run_id=f"asset_triggered__{day}", task_id="stage"
        )
        self.tokens = WorkloadTokens(base_url, secret, self.run)
        self.plane = ControlPlane(base_url, self.tokens)
        self.base_url, self.model = base_url, model
        self.version = self._register(f"{model} {number}")
        self.rollout: Rollout

    def open(self, *, approval: bool = False) -> Rollout:
        """Begin it: a first release where nothing is live."""
        live = {record.name: record.live_version for record in self.plane.endpoints()}
        kind: Literal["first", "canary"] = "canary" if live.get(self.model) else "first"
        self.rollout = self.plane.open_rollout(
            OpenRollout(
                endpoint=self.model,
                model=self.model,
                version=self.version.version,
                plan=_plan(kind),
                approval_required=approval,
                run=self.run,
            )
        )
        return self.rollout

    def deploy(self) -> None:
        """Bring the candidate up without traffic and let it answer its smoke test."""
        self._move(RolloutState.APPROVED, "no approval needed")
        self._want(dark(self.plane.endpoint(self.model).variants, self.version))
        self._move(RolloutState.DARK, "ready")
        self._move(RolloutState.VERIFIED, "answered 20 questions")

    def begin(self, index: int) -> None:
        """Apply a stage until its split is there."""
        self._stage(index, StageState.APPLIED, "")
        self._want(staged(self.rollout.plan.stages[index], self._stable(), self.version))
        self._stage(index, StageState.OBSERVED, "the split is there")

    def look(self, index: int, seen: StageSeen) -> None:
        """Show what is seen of a stage so far."""

        async def tell() -> None:
            plane = AsyncControlPlane(self.base_url, self.tokens)
            token = self.rollout.fencing_token
            await plane.look(self.rollout.id, index, LookAtStage(fencing_token=token, seen=seen))
            await plane.close()

        # A browser test has an event loop running in its own thread.
        thread = threading.Thread(target=lambda: asyncio.run(tell()))
        thread.start()
        thread.join()

    def conclude(self, index: int, seen: StageSeen) -> None:
        """End the watch of a stage by its verdict."""
        ends = {Verdict.PASS: StageState.PASSED, Verdict.FAIL: StageState.FAILED}
        self._stage(index, ends.get(seen.verdict, StageState.UNDECIDED), seen.words, seen)

    def clear(self, index: int) -> None:
        """Let a stage pass on evidence that shows no harm."""
        self.begin(index)
        self.conclude(index, self.seen(index, Arm(900, labels=800, wrong=118)))

    def promote(self) -> None:
        """Give it everything."""
        self._want(settled(self.version))
        self._move(RolloutState.PROMOTED, "every stage was cleared")

    def roll_back(self, reason: str, end: RolloutState = RolloutState.ROLLED_BACK) -> None:
        """Bring the live version back and end it."""
        self._want(settled(self._stable()))
        self._move(end, reason)

    def seen(self, index: int, candidate: Arm, seconds: float = 95) -> StageSeen:
        """Return what the judge says when the candidate did this and the live version was well."""
        stage, stable = self.rollout.plan.stages[index], self.rollout.stable_version
        share = stage.percent / 100
        others = round(candidate.requests * (1 - share) / share) if stage.kind == "canary" else 0
        labels = round(others * candidate.labels / candidate.requests)
        beside = Arm(others, labels=labels, wrong=round(labels * 0.15))
        if stage.kind == "shadow":
            beside = Arm(candidate.requests, labels=candidate.requests, wrong=135)
        evidence = Evidence(self.model, 1, seconds, (beside.tally(stable),) if stable else ())
        if stage.kind == "shadow":
            evidence = _with_shadow(evidence, candidate, self.version.version)
        else:
            mine = candidate.tally(self.version.version)
            evidence = Evidence(self.model, 1, seconds, (*evidence.tallies, mine))
        versions = Versions(stable, self.version.version)
        return judge(self.rollout.plan, index, versions, evidence)

    def ask(self, index: int, seen: StageSeen) -> str:
        """Ask people about an undecided stage and return the decision's id."""
        matter = StageMatter(self.rollout.id, index, seen, self.run)
        question = OpenDecision(
            kind="stage",
            title=f"{self.model} {self.version.version}: go on without a verdict?",
            body=seen.words.replace(" | ", "\n"),
            subject=f"{self.model} {self.version.version}",
            subject_digest=matter.digest,
            options=("continue", "extend", "roll_back"),
            default="roll_back",
            roles=("approver",),
            deadline_seconds=86_400,
            run=self.run,
        )
        return self.plane.open_decision(question).id

    def close(self) -> None:
        self.plane.close()

    def _stable(self) -> Version | None:
        stable = self.rollout.stable_version
        return self.plane.version(self.model, stable) if stable else None

    def _register(self, content: str) -> Version:
        package = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
        return self.plane.register_version(
            RegisterVersion(
                model=self.model,
                package_uri=f"file:///packages/{package[7:15]}",
                package_digest=package,
                model_digest=package,
                signature='{"inputs":[{"name":"x","type":"double"}],"outputs":[]}',
                dataset_digest=package,
                spec_digest=package,
                spec_uri="file:///specs/a",
                metrics=(MetricValue(name="auc", value=0.77, lower=0.72, upper=0.81, samples=398),),
                gates=(GateOutcome(name="floor", verdict=Verdict.PASS, message="0.77 >= 0.7"),),
                run=self.run,
                release_policy="manual",
            )
        )

    def _want(self, variants: tuple[VariantWish, ...]) -> None:
        token = self.rollout.fencing_token
        wanted = WantVariants(fencing_token=token, variants=variants)
        self.plane.want_variants(self.model, wanted)

    def _move(self, state: RolloutState, reason: str) -> None:
        token = self.rollout.fencing_token
        message = MoveRollout(state=state, reason=reason, fencing_token=token)
        self.rollout = self.plane.move_rollout(self.rollout.id, message)

    def _stage(
        self, index: int, state: StageState, reason: str, seen: StageSeen | None = None
    ) -> None:
        token = self.rollout.fencing_token
        message = MoveStage(state=state, fencing_token=token, reason=reason, seen=seen)
        self.rollout = self.plane.move_stage(self.rollout.id, index, message)


def _with_shadow(evidence: Evidence, candidate: Arm, version: str) -> Evidence:
    pairs = candidate.requests
    shadow = Pairing(
        "shadow",
        version,
        pairs=pairs,
        errors=candidate.errors,
        classes_differ=round(pairs * 0.04),
        latency=timed(candidate.answers, 0),
        outputs=((10, candidate.answers),),
        differences=Losses(error=Moments(candidate.labels, 2, 0.03 * candidate.labels)),
    )
    return Evidence(evidence.endpoint, 1, evidence.seconds, evidence.tallies, (shadow,))
