"""A version on its way to traffic: the release that starts by itself, and the person who agrees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.client.messages.decisions import AnswerDecision, DecisionState
from include.client.messages.rollouts import RolloutState
from include.embedded.demo.follow import Deadline, Follower, RunKey, until
from include.embedded.demo.summary import ReleaseTold
from include.embedded.demo.training import Unexpected

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from include.client.messages.decisions import Decision
    from include.client.messages.rollouts import Rollout
    from include.embedded.demo.people import People
    from include.embedded.demo.progress import Progress

_YES = "approve"
_REASON = "Gates passed on the untouched window; the demo's approver agrees to the first release."
_START_SECONDS, _END_SECONDS = 90, 420


@dataclass(frozen=True)
class Releaser:
    """Waits for releases, and answers as the approver where a person is asked.

    Attributes:
        logs: Where a person reads why something did not happen.
        since: When this demo began; what was released before is not its doing.
    """

    model: str
    endpoint: str
    people: People
    progress: Progress
    logs: str
    since: datetime
    _answered: list[Decision] = field(default_factory=list)

    def release(self, version: str) -> ReleaseTold:
        """Return how a version went live, or that it was live before.

        Raises:
            NotInTime: No release started by itself, or it did not end before its deadline.
            Unexpected: It ended without carrying traffic.
        """
        earlier = self._newest(version, lambda one: one.opened_at < self.since)
        if earlier is not None and earlier.state is RolloutState.PROMOTED:
            return self._released_before(earlier)
        if earlier is not None and earlier.ended_at is not None:
            self._start_by_hand(earlier)
        rollout = self._await_rollout(version)
        run = RunKey(rollout.run.dag_id, rollout.run.run_id)
        self.progress.event(f"{run.dag_id} runs for version {version} ({run.run_id})")
        follower = Follower(self.people.operator.airflow, run, self.progress)
        ended = Deadline(f"{run.dag_id} to end", _END_SECONDS, f"{self.logs}/airflow")
        until(lambda: self._answer_if_asked(run) or follower.has_ended(), ended, self.progress)
        return self._told(rollout.id)

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
        everyone = self.people.operator.control_plane.rollouts(model=self.model)
        fitting = [one for one in everyone if one.version == version and fits(one)]
        return max(fitting, key=lambda one: one.opened_at, default=None)

    def _start_by_hand(self, earlier: Rollout) -> None:
        """Start again what an earlier run refused or broke off: its event came and went."""
        dag_id, operator = earlier.run.dag_id, self.people.operator
        conf = {"version": earlier.version, "reason": f"The last release {earlier.state.value}."}
        operator.airflow.call(
            "POST", f"/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf}
        )
        self.progress.event(f"{dag_id} triggered by {operator.name}, version {earlier.version}")

    def _released_before(self, earlier: Rollout) -> ReleaseTold:
        records = self.people.operator.control_plane.endpoints()
        live = next((one.live_version for one in records if one.name == self.endpoint), "")
        reason = f"released by an earlier run; {live or 'no version'} carries traffic now"
        return ReleaseTold(
            version=earlier.version,
            run_id=earlier.run.run_id,
            state=earlier.state.value,
            reason=reason,
            is_first_release=earlier.is_first_release,
            answered_by="",
            answer_reason="",
        )

    def _answer_if_asked(self, run: RunKey) -> bool:
        approver = self.people.approver
        for decision in approver.control_plane.decisions(state=DecisionState.OPEN.value):
            if decision.run.run_id != run.run_id:
                continue
            self.progress.event(f"decision asked: {decision.title}")
            answer = AnswerDecision(
                answer=_yes(decision), reason=_REASON, subject_digest=decision.subject_digest
            )
            answered = approver.control_plane.answer_decision(decision.id, answer)
            self._answered.append(answered)
            self.progress.event(f"answered `{answer.answer}` by {answered.answered_by}")
        return False

    def _told(self, rollout_id: str) -> ReleaseTold:
        rollout = self.people.operator.control_plane.rollout(rollout_id)
        if rollout.state is not RolloutState.PROMOTED:
            raise Unexpected(
                f"version {rollout.version} did not go live: {rollout.reason}",
                value=rollout.state.value,
                remedy=f"Read the run in Airflow, or {self.logs}/airflow",
            )
        mine = self._answer_of(rollout.run.run_id)
        if rollout.is_first_release and mine is None:
            raise Unexpected("a first release went live without anybody's yes")
        return ReleaseTold(
            version=rollout.version,
            run_id=rollout.run.run_id,
            state=rollout.state.value,
            reason=rollout.reason,
            is_first_release=rollout.is_first_release,
            answered_by=mine.answered_by if mine else "",
            answer_reason=mine.reason if mine else "",
        )

    def _answer_of(self, run_id: str) -> Decision | None:
        return next((one for one in self._answered if one.run.run_id == run_id), None)


def _yes(decision: Decision) -> str:
    return next((option for option in decision.options if option.startswith(_YES)), _YES)
