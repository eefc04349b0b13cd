"""Whether a rollout's run is over, so that its endpoint may be taken from it without a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.base import RunRef
from include.errors import Conflict
from plugins.airworthy.api.identity.corroboration import Standing

if TYPE_CHECKING:
    from include.client.messages.rollouts import Rollout
    from plugins.airworthy.api.identity.corroboration import RunCorroborator


def check_over(corroborator: RunCorroborator, rollout: Rollout) -> None:
    """Let pass a rollout of which Airflow itself says that its run is over, or gone.

    The caller's word is not enough. What a task of the run may still try afterwards has an older
    fencing token and is refused.

    Raises:
        Conflict: The run goes on, has just ended, or Airflow does not say.
    """
    run = RunRef(dag_id=rollout.run.dag_id, run_id=rollout.run.run_id)
    standing = corroborator.standing(run)
    if standing is Standing.NOT_RUNNING:
        return
    where = f"run {run.run_id} of {run.dag_id}"
    if standing is Standing.RUNNING:
        raise Conflict(
            "the owner's run goes on, or ended less than two minutes ago",
            where=where,
            remedy="Look again later: the run may still settle the endpoint",
        )
    raise Conflict(
        "Airflow does not say that the owner's run is over",
        where=where,
        remedy="Clear its settle task, or break the endpoint; give the control plane an account "
        "of Airflow, so that it can ask",
    )
