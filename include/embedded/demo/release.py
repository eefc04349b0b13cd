"""A version on its way to traffic: the release that starts by itself, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.client.messages.rollouts import RolloutState
from include.embedded.demo import stages
from include.embedded.demo.follow import Deadline, Follower, RunKey, until
from include.embedded.demo.stages import StageTeller
from include.embedded.demo.summary import ReleaseTold
from include.embedded.demo.training import Unexpected
from include.embedded.demo.trigger import trigger

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from include.client.messages.rollouts import Rollout
    from include.embedded.demo.answers import Answerer
    from include.embedded.demo.outside import Outside
    from include.embedded.demo.people import Person
    from include.embedded.demo.progress import Progress

_START_SECONDS, _END_SECONDS = 90, 900


@dataclass(frozen=True)
class Releaser:
    """Waits for releases, while people are asked and callers call.

    Attributes:
        logs: Where a person reads why something did not happen.
        since: When this demo began; what was released before is not its doing.
    """

    model: str
    operator: Person
    answerer: Answerer
    outside: Outside
    progress: Progress
    logs: str
    since: datetime

    def release(self, version: str, expected: RolloutState = RolloutState.PROMOTED) -> ReleaseTold:
        """Return how a release of a version ended, or that it was live before.

        Raises:
            NotInTime: No release started by itself, or it did not end before its deadline.
            Unexpected: It ended otherwise than expected.
        """
        earlier = self._newest(version, lambda one: one.opened_at < self.since)
        if earlier is not None and earlier.state is expected is RolloutState.PROMOTED:
            self.outside.begin_once_ready()
            return self._told(earlier, "released by an earlier run")
        if earlier is not None and earlier.ended_at is not None:
            self._start_by_hand(earlier)
        rollout = self._await_rollout(version)
        run = RunKey(rollout.run.dag_id, rollout.run.run_id)
        self.progress.event(f"{run.dag_id} runs for version {version} ({run.run_id})")
        self._follow(run, rollout.id)
        ended = self.operator.control_plane.rollout(rollout.id)
        if ended.state is not expected:
            raise Unexpected(
                f"version {version} was to be {expected.value.replace('_', ' ')}: {ended.reason}",
                value=ended.state.value,
                remedy=f"Read the run in Airflow, or {self.logs}/airflow",
            )
        return self._told(ended, ended.reason)

    def live(self, endpoint: str) -> str:
        """Return the live version of an endpoint; empty for none."""
        records = self.operator.control_plane.endpoints()
        return next((one.live_version for one in records if one.name == endpoint), "")

    def _follow(self, run: RunKey, rollout_id: str) -> None:
        follower = Follower(self.operator.airflow, run, self.progress)
        teller = StageTeller(self.progress)

        def has_ended() -> bool:
            self.answerer.look(run)
            self.outside.begin_once_ready()
            is_over = follower.has_ended()
            teller.look(self.operator.control_plane.rollout(rollout_id))
            return is_over

        ended = Deadline(f"{run.dag_id} to end", _END_SECONDS, f"{self.logs}/airflow")
        until(has_ended, ended, self.progress)

    def _await_rollout(self, version: str) -> Rollout:
        found: list[Rollout] = []

        def opened() -> bool:
            newest = self._newest(version, lambda one: one.ended_at is None or self._is_new(one))
            found.extend([newest] if newest else [])
            return bool(found)

        what = f"the release of {version} to start"
        until(opened, Deadline(what, _START_SECONDS, f"{self.logs}/relay.log"), self.progress)
        return found[0]

    def _is_new(self, rollout: Rollout) -> bool:
        return rollout.opened_at >= self.since

    def _newest(self, version: str, fits: Callable[[Rollout], bool]) -> Rollout | None:
        everyone = self.operator.control_plane.rollouts(model=self.model)
        fitting = [one for one in everyone if one.version == version and fits(one)]
        return max(fitting, key=lambda one: one.opened_at, default=None)

    def _start_by_hand(self, earlier: Rollout) -> None:
        """Start again what an earlier run ended: its event came and went."""
        dag_id, operator = earlier.run.dag_id, self.operator
        conf = {"version": earlier.version, "reason": f"The last release: {earlier.state.value}."}
        trigger(operator, dag_id, conf)
        self.progress.event(f"{dag_id} triggered by {operator.name}, version {earlier.version}")

    def _told(self, rollout: Rollout, reason: str) -> ReleaseTold:
        mine = self.answerer.of(rollout.run.run_id)
        is_of_today = self._is_new(rollout)
        if is_of_today and rollout.approval_required and mine is None:
            raise Unexpected("a release that needs a yes went on without anybody's")
        return ReleaseTold(
            version=rollout.version,
            run_id=rollout.run.run_id,
            state=rollout.state.value,
            reason=reason,
            is_first_release=rollout.is_first_release,
            stable_version=rollout.stable_version,
            answered_by=mine.answered_by if mine else "",
            answer_reason=mine.reason if mine else "",
            stages=stages.told(rollout),
        )
