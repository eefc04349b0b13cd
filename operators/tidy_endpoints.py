"""Finishes what releases left that died, and tells of what people have to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowRuntimeError

from include.alerts import stories
from include.client.messages.rollouts import ReclaimEndpoint
from include.errors import AirworthyError, BadInput, FencedOut, InfrastructureError, Rejected
from include.rollout.tidying import Care, care_of, strangers
from include.spec.serving import DEFAULT
from operators.defaults import SUITE
from operators.hooks.airworthy import AirworthyHook
from operators.hooks.serving import ServingHook
from operators.links.release import rollout_page
from operators.notifiers.delivery import deliver
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

    An endpoint whose owner's run is over is taken from it, once the control plane has asked Airflow
    itself: the record is then the live version alone, people are alerted, and this brings it about.
    It fails, so that people are told, where Airflow does not say so, for an endpoint that somebody
    else changed, and for one that nobody knows.
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
        if care is Care.LEAVE:
            return ""
        try:
            if care is Care.RECLAIM:
                record = self._reclaimed(context, control_plane, record)
            wanted = as_endpoint(record, _sizing(control_plane, record))
            if not _stands(driver, wanted):
                driver.apply(wanted)
        except FencedOut:
            self.log.info("%s: a release has begun meanwhile", record.name)
        except InfrastructureError:
            raise
        except AirworthyError as trouble:
            return f"{record.name}: {trouble}"
        return ""

    def _reclaimed(
        self, context: Context, control_plane: ControlPlane, record: EndpointRecord
    ) -> EndpointRecord:
        """Take an endpoint from a release that died, and alert people of it."""
        owner = control_plane.rollout(record.owner)
        message = ReclaimEndpoint(rollout=owner.id)
        freed = control_plane.reclaim_endpoint(record.name, message)
        story = stories.reclaimed(record.model, owner.id, owner.version, freed.live_version)
        run, page = run_ref(context), rollout_page(owner.id)
        deliver(stories.addressed(story, record.model, run, page), SUITE.channel)
        self.log.warning("%s: %s", story.title, story.body)
        return freed


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
        state = context["ti"].get_dagrun_state(dag_id=run.dag_id, run_id=run.run_id)
    except AirflowRuntimeError as error:
        if "not_found" in str(error).lower():
            return ""
        raise
    # Airflow declares a string and gives an enumeration, whose text is not its value.
    return str(getattr(state, "value", state))


def _sizing(control_plane: ControlPlane, record: EndpointRecord) -> Serving:
    """Return the sizes by the plan of the endpoint's newest rollout: it wanted this revision."""
    rollouts = [
        rollout
        for rollout in control_plane.rollouts(model=record.model)
        if rollout.endpoint == record.name
    ]
    newest = max(rollouts, key=lambda rollout: rollout.opened_at, default=None)
    return newest.plan.serving if newest else DEFAULT
