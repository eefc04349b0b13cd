"""Opens the rollout of a version and takes its endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include import digest
from include.client.messages.rollouts import OpenRollout
from include.errors import NotFound
from operators.hooks.airworthy import AirworthyHook
from operators.links.release import RolloutLink, rollout_page
from operators.run import first_xcom, run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.client.control_plane import ControlPlane
    from include.spec.model import Spec


class OpenRolloutOperator(AirworthyOperator):
    """Returns the id of the run's rollout; a second call finds the first one's.

    The plan is frozen by digest: what the spec says of releases, and the package it is about.
    Whether people have to approve is frozen with it, and held by the control plane.

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
            Conflict: another rollout owns the endpoint.
        """
        run, release = run_ref(context), self.spec.release
        chosen = first_xcom(context, (self.version,))
        with AirworthyHook().control_plane(run) as control_plane:
            version = control_plane.version(self.spec.model, chosen)
            plan = [release.model_dump(mode="json"), version.package_digest]
            rollout = control_plane.open_rollout(
                OpenRollout(
                    endpoint=release.endpoint,
                    model=self.spec.model,
                    version=chosen,
                    plan_digest=digest.of_json(plan),
                    approval_required=self._approval_required(control_plane),
                    run=run,
                )
            )
        self.page = rollout_page(rollout.id)
        self.log.info(
            "rollout %s of %s to %s, %s, token %d",
            rollout.id, chosen, rollout.endpoint, rollout.state.value, rollout.fencing_token,
        )  # fmt: skip
        return rollout.id

    def _approval_required(self, control_plane: ControlPlane) -> bool:
        release = self.spec.release
        try:
            live = control_plane.endpoint(release.endpoint).live_version
        except NotFound:  # an endpoint begins with its first rollout
            live = ""
        return release.first_release.required and not live
