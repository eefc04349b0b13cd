"""How a run ended: one state and one sentence, from what its tasks left behind."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from include.client.messages.rollouts import RolloutState
from include.client.messages.runs import RunState

if TYPE_CHECKING:
    from collections.abc import Mapping

BROKEN = frozenset({"failed", "upstream_failed", "removed"})
CANDIDATE = "fit"
"""Mapped task of which one may fail without losing the others."""


@dataclass(frozen=True)
class Ending:
    """The state of a finished run and the sentence that explains it."""

    state: RunState
    reason: str

    @property
    def is_success(self) -> bool:
        """Whether the run reached its goal."""
        return self.state is RunState.SUCCEEDED


@dataclass(frozen=True)
class FinishedTasks:
    """What the tasks of a run left behind.

    Attributes:
        states: Final state of each task by its id, in Airflow's words; ``none`` for not started.
        failures: Last error line of each task that failed and told why.
    """

    states: Mapping[str, str]
    failures: Mapping[str, str] = field(default_factory=dict)

    def succeeded(self, task_id: str) -> bool:
        """Say whether a task ended well."""
        return self.states.get(task_id) == "success"

    def without(self, task_id: str) -> FinishedTasks:
        """Return the same without a mapped task, whose tries end in ``_<index>``."""
        tries = re.compile(rf"{re.escape(task_id)}(_\d+)?")
        return replace(
            self, states={t: s for t, s in self.states.items() if not tries.fullmatch(t)}
        )

    def first_failure(self) -> str:
        """Return why the run broke, naming the failed tasks; empty when none failed."""
        failed = sorted(t for t, state in self.states.items() if state == "failed")
        if failed:
            return "; ".join(f"{t} failed: {self.failures.get(t, 'see its log')}" for t in failed)
        broken = sorted(t for t, state in self.states.items() if state in BROKEN)
        return f"not run because of others: {', '.join(broken)}" if broken else ""


def training_ending(tasks: FinishedTasks, *, said: str, version: str) -> Ending:
    """Return how a training run ended.

    Args:
        tasks: What its tasks left behind.
        said: What the data verdict or the gates said, where one of them ended the run.
        version: The registered version; empty for none.
    """
    broken = tasks.first_failure()
    if broken and tasks.without(CANDIDATE).first_failure():
        return Ending(RunState.FAILED, broken)
    if tasks.succeeded("register") and version:
        lost = f", although {broken}" if broken else ""
        return Ending(RunState.SUCCEEDED, f"registered {version}{lost}")
    if tasks.succeeded("stop_and_alert"):
        return Ending(RunState.STOPPED, f"stopped by the data verdict: {said}")
    if tasks.succeeded("refuse"):
        return Ending(RunState.REFUSED, f"refused by the gates: {said}")
    return Ending(RunState.FAILED, "the run ended without a version and without a reason")


ROLLOUT_ENDINGS = {
    RolloutState.PROMOTED: RunState.SUCCEEDED,
    RolloutState.REFUSED: RunState.REFUSED,
    RolloutState.SUPERSEDED: RunState.STOPPED,
    RolloutState.STOPPED: RunState.STOPPED,
    RolloutState.ROLLED_BACK: RunState.FAILED,
    RolloutState.FAILED: RunState.FAILED,
}


def release_ending(version: str, state: RolloutState, reason: str) -> Ending:
    """Return how a release ended, from the state that its rollout ended in."""
    ended = ROLLOUT_ENDINGS.get(state, RunState.FAILED)
    return Ending(ended, f"{version} {state.value.replace('_', ' ')}: {reason}")
