"""Marks rollouts as ones that have to stop; their owners end them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.audit.occurrence import Occurrence
from include.rollout.states import is_end
from include.rollout.stopping import requested, superseded

if TYPE_CHECKING:
    from include.client.messages.registry import Version
    from include.client.messages.rollouts import Rollout
    from plugins.airworthy.api.storage.work import Work

LONGEST = 10_000


def ask(work: Work, rollout: Rollout, reason: str) -> Rollout:
    """Mark a rollout as one that people want to stop; the first mark stands.

    Raises:
        BadInput: There is no reason.
        Conflict: The rollout ended otherwise.
    """
    return _put(work, rollout, requested(rollout, work.caller.id, reason, work.now))


def supersede(work: Work, version: Version) -> None:
    """Mark the rollouts of a model under way whose plans let a newer version take their place."""
    for running in work.rollouts.running(version.model):
        work.endpoints.hold("endpoint", running.endpoint)
        rollout = work.rollouts.get(running.id)
        if rollout is not None and not is_end(rollout.state):
            marked = superseded(rollout, version.version, work.caller.id, work.now)
            _put(work, rollout, marked)


def _put(work: Work, rollout: Rollout, marked: Rollout) -> Rollout:
    if marked != rollout and marked.stop is not None:
        work.rollouts.put(marked)
        told = marked.stop.reason[:LONGEST]
        work.tell(Occurrence("rollout.stop_requested", "rollout", rollout.id, reason=told))
    return marked
