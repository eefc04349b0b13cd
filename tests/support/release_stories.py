"""What the stories of releases have in common."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from include.client.messages.plans import StageState
from include.spec.release import Patience
from tests.support.release_run import MODEL

LONG = Patience(min_requests=20, min_seconds=0, deadline_minutes=1)
BEGUN = (
    "choose_version", "open_rollout", "needs_approval", "deploy_dark", "endpoint_ready",
    "smoke_test", "way",
)  # fmt: skip
ASKED = ("ask", "answer", "answered")
AGAIN = ("extend", "health_again", "verdict_again")
STATES = tuple[StageState, ...]


def endpoint(plane: Any) -> Any:
    return plane.approver.endpoint(MODEL)


def rollout(plane: Any) -> Any:
    return plane.approver.rollouts(model=MODEL)[0]


def event(version: str) -> dict[str, Any]:
    return {"asset": [SimpleNamespace(extra={"model": MODEL, "version": version})]}


def states(plane: Any) -> list[StageState]:
    return [record.state for record in rollout(plane).stages]


def settled(plane: Any, daemon: Any, live: str = "1.0.0") -> None:
    """Let pass an endpoint that is free, with all its traffic for one version."""
    record = endpoint(plane)
    assert (record.owner, record.live_version) == ("", live)
    assert daemon.weights(MODEL) == {live: 100}
    assert not daemon.mirrors(MODEL)


def ran(*stages: str, end: str) -> list[str]:
    return [*BEGUN, *stages, end, *(["settle"] if end == "promote" else [])]


def tasks(stage: str, *names: str) -> list[str]:
    return [f"{stage}.{name}" for name in names]


def dry(daemon: Any) -> Any:
    """Return what lets traffic dry up."""
    return lambda: setattr(daemon.world.traffic, "requests", 0)


def flow(daemon: Any, then: Any = bool) -> Any:
    """Return what lets traffic flow again, and does something else."""

    def begin() -> None:
        daemon.world.traffic.requests = 1000
        then()

    return begin
