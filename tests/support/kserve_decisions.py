"""What a release decides of a canary on KServe: the evidence of its servers, judged each second."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.client.messages.plans import PlannedStage, ReleasePlan, StageSeen
from include.errors import ServingUnavailable
from include.rollout.judging import Versions, judge
from include.serving.prometheus import building
from include.serving.prometheus.configuration import PodsConfiguration
from include.spec.release import Signals
from include.verdict import Verdict

if TYPE_CHECKING:
    from tests.support.kserve_endpoint import KServeEndpoint
    from tests.support.traffic import Traffic

SHARE, RATE = 50, 20.0
# Requests that reach the canary each second, and errors among them.
ERRORS = 0.2
LIMIT_SECONDS = 10.0
LOOK_SECONDS = 1.0
# How long a canary that does no harm is watched, unless it passes before.
GOOD_SECONDS = 15.0
PLAN = ReleasePlan(
    kind="canary",
    task="classification",
    stages=(
        PlannedStage(
            kind="canary", percent=SHARE, min_requests=100, min_seconds=5, deadline_seconds=300
        ),
    ),
    signals=Signals(),
    false_alarms=0.01,
    undecided_roles=("approver",),
    undecided_seconds=3600,
    newer_version="supersede",
)


@dataclass(frozen=True)
class Decision:
    """How a watch ended.

    Attributes:
        seen: The last look.
        seconds: From the moment that counts until this look.
    """

    seen: StageSeen
    seconds: float


@dataclass
class Watch:
    """Looks at one stage of an endpoint, as the trigger of a release does."""

    endpoint: KServeEndpoint
    candidate: str

    def __post_init__(self) -> None:
        options = PodsConfiguration(kind="pods")
        self.source = building.source(options, self.endpoint.driver)

    @classmethod
    def begun(cls, endpoint: KServeEndpoint, candidate: str) -> Watch:
        """Return a watch of a canary that stands dark beside a live version."""
        endpoint.go(v1=100)
        endpoint.answers()
        endpoint.go(**{"v1": 100, candidate: 0})
        return cls(endpoint, candidate)

    def bad(self) -> Decision:
        """Let a canary that was good begin to fail; return when this is decided."""
        self._begin()
        time.sleep(2)
        began = time.monotonic()
        self.endpoint.zone.behave(self.candidate, error_share=ERRORS)
        decision = self._look_until({Verdict.FAIL}, 3 * LIMIT_SECONDS, began)
        self.endpoint.zone.behave(self.candidate, error_share=0.0)
        return decision

    def good(self, seconds: float) -> Decision:
        """Watch a canary that does no harm until something is decided, or for so long."""
        self._begin()
        return self._look_until({Verdict.FAIL, Verdict.PASS}, seconds, time.monotonic())

    def _begin(self) -> None:
        # Each round is a revision of its own, so that no round knows of the one before.
        self.endpoint.go(**{"v1": 100 - SHARE, self.candidate: SHARE})

    def _look_until(self, wanted: set[Verdict], seconds: float, began: float) -> Decision:
        while True:
            time.sleep(LOOK_SECONDS)
            decision = Decision(self._look(), time.monotonic() - began)
            if decision.seen.verdict in wanted or decision.seconds > seconds:
                return decision

    def _look(self) -> StageSeen:
        versions = Versions("v1", self.candidate)
        name, revision = self.endpoint.name, self.endpoint.revision
        try:
            evidence = asyncio.run(self.source.evidence(name, revision))
        except ServingUnavailable as lost:
            return judged_nothing(str(lost))
        return judge(PLAN, 0, versions, evidence)


def traffic(endpoint: KServeEndpoint) -> Traffic:
    """Return requests of which which `RATE` a second reach the canary."""
    return endpoint.traffic(RATE * 100 / SHARE)


def judged_nothing(words: str) -> StageSeen:
    """Return the look of somebody who could not see."""
    return StageSeen(
        verdict=Verdict.ERROR,
        words=words,
        signals=(),
        seconds=0.0,
        candidate_requests=0,
        stable_requests=0,
    )
