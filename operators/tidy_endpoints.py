"""Finishes what releases left that died, and tells of what people have to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowRuntimeError

from include.errors import AirworthyError, BadInput, FencedOut, InfrastructureError, Rejected
from include.rollout.tidying import Care, care_of, strangers
from include.spec.serving import DEFAULT
from operators.hooks.airworthy import AirworthyHook
from operators.hooks.serving import ServingHook
from operators.run import run_ref
from operators.stage import as_endpoint
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.client.control_plane import ControlPlane
    from include.client.messages.rollouts import EndpointRecord
    from include.serving.endpoint import Endpoint, ServingDriver
    from include.spec.serving import Serving


class TidyEndpointsOperator(AirworthyOperator):
    """Brings endpoints that nobody owns to what is recorded of them.

    Where a release died on the way, an admin breaks its endpoint: the record is then the live
    version alone, and this brings it about. It fails, so that people are told, for an endpoint
    whose owner's run is over, for one that somebody else changed, and for one that nobody knows.
    """

    def act(self, context: Context) -> str:
        """Look at every endpoint.

        Raises:
            Rejected: people have to do something; the message says what.
            ControlPlaneUnavailable: a retry looks again.
            ServingUnavailable: an endpoint is not safe yet; a retry goes on.
        """
        driver = ServingHook().driver()
        try:
            with AirworthyHook().control_plane(run_ref(context)) as control_plane:
                known = control_plane.endpoints()
                told = [self._tidy(context, control_plane, driver, one) for one in known]
            unknown = strangers(driver.endpoints(), known)
        finally:
            driver.close()
        told += [f"{name}: served, and the control plane does not know it" for name in unknown]
        troubles = [line for line in told if line]
        if troubles:
            raise Rejected("; ".join(troubles), where="housekeeping")
        return f"{len(known)} endpoint(s) are as recorded, or in the hands of a running release"

    def _tidy(
        self,
        context: Context,
        control_plane: ControlPlane,
        driver: ServingDriver,
        record: EndpointRecord,
    ) -> str:
        """Do what an endpoint needs; return what people have to do, or nothing."""
        care = care_of(record, _owner_run(context, control_plane, record))
        if care is Care.TELL:
            return (
                f"{record.name}: rollout {record.owner} owns it and its run is over; clear its "
                "settle task, or break the endpoint"
            )
        if care is Care.LEAVE:
            return ""
        wanted = as_endpoint(record, _sizing(control_plane, record))
        try:
            if not _stands(driver, wanted):
                driver.apply(wanted)
        except FencedOut:
            self.log.info("%s: a release has begun meanwhile", record.name)
        except InfrastructureError:
            raise
        except AirworthyError as trouble:
            return f"{record.name}: {trouble}"
        return ""


def _stands(driver: ServingDriver, wanted: Endpoint) -> bool:
    """Say whether an endpoint is as wanted; its last owner may still be written on it."""
    try:
        seen = driver.observe(wanted.name)
    except BadInput:
        return False
    split = {(one.name, one.version, one.weight) for one in seen.variants}
    return (
        not seen.foreign
        and seen.revision == wanted.revision
        and split == {(one.name, one.version, one.weight) for one in wanted.variants}
    )


def _owner_run(context: Context, control_plane: ControlPlane, record: EndpointRecord) -> str:
    """Return the state of the run that owns an endpoint; empty where Airflow has no such run."""
    if not record.owner:
        return ""
    run = control_plane.rollout(record.owner).run
    try:
        return str(context["ti"].get_dagrun_state(dag_id=run.dag_id, run_id=run.run_id))
    except AirflowRuntimeError as error:
        if "not_found" in str(error).lower():
            return ""
        raise


def _sizing(control_plane: ControlPlane, record: EndpointRecord) -> Serving:
    """Return the sizes by the plan of the endpoint's newest rollout: it wanted this revision."""
    rollouts = [
        rollout
        for rollout in control_plane.rollouts(model=record.model)
        if rollout.endpoint == record.name
    ]
    newest = max(rollouts, key=lambda rollout: rollout.opened_at, default=None)
    return newest.plan.serving if newest else DEFAULT
