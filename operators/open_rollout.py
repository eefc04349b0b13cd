"""Opens the rollout of a version and takes its endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.rollouts import OpenRollout
from include.errors import NotFound
from include.rollout.planning import plan_of
from operators.choose_version import ROLLBACK
from operators.hooks.airworthy import AirworthyHook
from operators.links.release import RolloutLink, rollout_page
from operators.run import first_xcom, run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.client.control_plane import ControlPlane
    from include.client.messages.base import RunRef
    from include.rollout.planning import Kind
    from include.spec.model import Spec
    from include.spec.release import Approval


class OpenRolloutOperator(AirworthyOperator):
    """Returns the id of the run's rollout; a second call finds the first one's.

    The plan is made of the spec as it is now and frozen: by its digest the control plane holds it,
    and so it does with whether people have to approve. Whoever goes back was asked to by a person.

    Args:
        spec: Spec of the model.
        version: Task that chose the version.
    """

    operator_extra_links = (RolloutLink(),)

    def __init__(self, *, spec: Spec, version: str = "choose_version", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.version = version
        self.page = ""

    def act(self, context: Context) -> str:
        """Open the rollout.

        Raises:
            Conflict: another rollout owns the endpoint, people asked to go back first, or the spec
                has changed since this run opened its rollout.
        """
        run = run_ref(context)
        with AirworthyHook().control_plane(run) as control_plane:
            rollout = control_plane.open_rollout(self._wish(context, control_plane, run))
        self.page = rollout_page(rollout.id)
        self.log.info(
            "rollout %s of %s to %s by a plan of kind %s, %s, token %d",
            rollout.id, rollout.version, rollout.endpoint, rollout.plan.kind, rollout.state.value,
            rollout.fencing_token,
        )  # fmt: skip
        return rollout.id

    def _wish(self, context: Context, control_plane: ControlPlane, run: RunRef) -> OpenRollout:
        release = self.spec.release
        back = context["ti"].xcom_pull(task_ids=self.version, key=ROLLBACK) or ""
        kind = "rollback" if back else self._kind(control_plane)
        return OpenRollout(
            endpoint=release.endpoint,
            model=self.spec.model,
            version=first_xcom(context, (self.version,)),
            plan=plan_of(self.spec, kind),
            approval_required=kind != "rollback" and approval(self.spec, kind).required,
            rollback_id=str(back),
            run=run,
        )

    def _kind(self, control_plane: ControlPlane) -> Kind:
        try:
            live = control_plane.endpoint(self.spec.release.endpoint).live_version
        except NotFound:  # an endpoint begins with its first rollout
            live = ""
        return "canary" if live else "first"


def approval(spec: Spec, kind: Kind) -> Approval:
    """Return who has to agree to a rollout: its first release has rules of its own."""
    return spec.release.first_release if kind == "first" else spec.release.approval
