"""Tasks of a release that die right after each thing they have done, and are tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from include.client.control_plane import ControlPlane
from include.client.messages.plans import StageState
from include.client.messages.rollouts import RolloutState
from include.serving.local_driver import LocalDriver
from tests.support.release_fixtures import MODEL

if TYPE_CHECKING:
    from collections.abc import Callable

PASSED, FAILED = StageState.PASSED, StageState.FAILED


class Boundaries:
    """Counts what the tasks of a run do to the outside; kills the one that does the n-th thing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_armed, self.count, self.deadly = False, 0, 0
        for owner, name in ((ControlPlane, "_write"), (LocalDriver, "apply")):
            monkeypatch.setattr(owner, name, self._deadly(getattr(owner, name)))

    def _deadly(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*arguments: Any, **named: Any) -> Any:
            from tests.support.release_run import Killed

            done = act(*arguments, **named)
            self.count += self.is_armed
            if self.is_armed and self.count == self.deadly:
                raise Killed
            return done

        return acted

    def arm(self, run: Any, deadly: int) -> None:
        """Kill the task of this run that does the n-th thing; nobody for 0."""
        self.count, self.deadly, execute = 0, deadly, run._execute

        def armed(*arguments: Any) -> Any:
            self.is_armed = True
            try:
                return execute(*arguments)
            finally:
                self.is_armed = False

        run._execute = armed


class Story:
    """One kind of release, told again and again with new versions."""

    def __init__(self, run: Any, register: Any, plane: Any, daemon: Any) -> None:
        self.run, self.register, self.plane, self.daemon = run, register, plane, daemon
        self.told = 0

    def tell(self, boundaries: Boundaries, kind: str, deadly: int) -> Any:
        """Release a new version whose task dies at a boundary, and return its rollout."""
        self.told += 1
        version = self.register(f"package {self.told}").version
        release = self.run(f"run_{self.told}")
        boundaries.arm(release, deadly)
        self.daemon.world.traffic.requests = 1000
        release.play(self._hooks(kind, version, release), tries=2)
        (found,) = [
            one
            for one in self.plane.approver.rollouts(model=MODEL)
            if one.run.run_id == release.run_id
        ]
        return found

    def _hooks(self, kind: str, version: str, release: Any) -> dict[str, Any]:
        traffic = self.daemon.world.traffic
        dry = {"stage_25.health": lambda: setattr(traffic, "requests", 0)}
        return {
            "first": {"await_decision": lambda: release.answer("approve")},
            "promoted": {},
            "rolled back": {
                "stage_25.health": lambda: setattr(self.daemon.world.of(version), "errors", 0.5)
            },
            "extended": dry | {
                "stage_25.answer": lambda: (
                    setattr(traffic, "requests", 1000), release.answer("extend"),
                )
            },
            "refused by people": dry | {"stage_25.answer": lambda: release.answer("roll_back")},
        }[kind]  # fmt: skip

    def check(self, ended: Any, kind: str, live: str) -> None:
        """Let pass what a release that nobody killed would have left behind."""
        is_promoted = kind in {"first", "promoted", "extended"}
        assert ended.state is (RolloutState.PROMOTED if is_promoted else RolloutState.ROLLED_BACK)
        expected = {"first": [PASSED], "promoted": [PASSED] * 3, "extended": [PASSED] * 3}
        assert [one.state for one in ended.stages] == expected.get(kind, [PASSED, FAILED])
        endpoint = self.plane.approver.endpoint(MODEL)
        live = ended.version if is_promoted else live
        assert (endpoint.owner, endpoint.live_version) == ("", live)
        assert self.daemon.weights(MODEL) == {live: 100}
        assert self.daemon.endpoints[MODEL].revision == endpoint.revision
        alerts = [a for a in self.plane.approver.alerts(model=MODEL) if ended.id in a.link]
        assert len(alerts) == (0 if is_promoted else 1)
        own = (ended.run.dag_id, ended.run.run_id)
        asked = self.plane.approver.decisions()
        mine = [d for d in asked if (d.run.dag_id, d.run.run_id) == own]
        assert len(mine) == (0 if kind in {"promoted", "rolled back"} else 1)


@pytest.mark.timeout(1500)
def test_a_task_that_dies_at_any_boundary_is_resumed_right(
    run: Any, register: Any, plane: Any, daemon: Any, monkeypatch: pytest.MonkeyPatch,
    rounds: Callable[..., int], record: Callable[..., None],
) -> None:  # fmt: skip
    boundaries, story = Boundaries(monkeypatch), Story(run, register, plane, daemon)
    first = story.tell(boundaries, "first", 0)
    story.check(first, "first", "")
    counts: dict[str, int] = {}
    live = first.version
    kinds = ("promoted", "rolled back", "extended", "refused by people")
    for kind in kinds[: rounds(full=4, slice=2)]:
        ended = story.tell(boundaries, kind, 0)
        story.check(ended, kind, live)
        live = plane.approver.endpoint(MODEL).live_version
        things = boundaries.count
        step = 1 if rounds(full=1, slice=0) else max(1, things // 2)
        for deadly in range(1, things + 1, step):
            ended = story.tell(boundaries, kind, deadly)
            story.check(ended, kind, live)
            live = plane.approver.endpoint(MODEL).live_version
            counts[kind] = counts.get(kind, 0) + 1
    figures = {"resumed right": sum(counts.values()), "boundaries": sum(counts.values())}
    record("release-boundaries", counts=counts, figures=figures)
