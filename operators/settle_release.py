"""Ends a release: leaves the endpoint safe, the rollout ended, the run reported and coloured."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from include.client.messages.rollouts import RolloutState
from include.client.messages.runs import ReportRun, RunState
from include.errors import Conflict, RunEnded
from include.rollout.stages import settled
from include.rollout.states import is_end
from include.rollout.stopping import unpromoted_end
from include.runs.ending import Ending, release_ending
from operators.choose_version import WHY
from operators.finished import finished
from operators.hooks.airworthy import AirworthyHook
from operators.links.release import RolloutLink, rollout_page
from operators.run import first_xcom, run_ref
from operators.stage import OPEN_ROLLOUT, Open
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.client.control_plane import ControlPlane
    from include.client.messages.base import RunRef
    from include.client.messages.rollouts import Rollout
    from include.spec.model import Spec


class SettleReleaseOperator(AirworthyOperator):
    """Runs whatever happened before; fails, with the reason, unless the version was promoted.

    A rollout that people asked to stop is ended here: the live version, or nothing, is brought
    back first. One whose endpoint was broken off has ended before; the driver is told what holds.

    Args:
        spec: Spec of the model.
        rollout: Task that opened the rollout.
    """

    operator_extra_links = (RolloutLink(),)

    def __init__(self, *, spec: Spec, rollout: str = OPEN_ROLLOUT, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.rollout = rollout
        self.page = ""

    def act(self, context: Context) -> str:
        """Settle the release and return the reason of its success.

        Raises:
            RunEnded: the version was not promoted; the message says why.
            ControlPlaneUnavailable: a retry settles again from the machine's state.
            ServingUnavailable: the endpoint is not safe yet; a retry tries again.
        """
        run = run_ref(context)
        version = first_xcom(context, ("choose_version",))
        with AirworthyHook().control_plane(run) as control_plane:
            ending = self._settle(context, control_plane)
            control_plane.report_run(self._report(run, version, ending))
        if not ending.is_success:
            raise RunEnded(ending.reason)
        self.log.info(ending.reason)
        return ending.reason

    def _settle(self, context: Context, control_plane: ControlPlane) -> Ending:
        opened = self._rollout(context, control_plane)
        if opened is None:
            return self._without_rollout(context)
        self.page = rollout_page(opened.id)
        if not is_end(opened.state):
            opened = self._end(Open(control_plane, opened, context))
        elif opened.state is RolloutState.STOPPED:
            self._tell_driver(Open(control_plane, opened, context))
        return release_ending(opened.version, opened.state, opened.reason)

    def _rollout(self, context: Context, control_plane: ControlPlane) -> Rollout | None:
        """Return the run's rollout, also where its id was lost with the task that opened it."""
        known = first_xcom(context, (self.rollout,))
        if known:
            return control_plane.rollout(known)
        run = run_ref(context)
        mine = (run.dag_id, run.run_id)
        found = control_plane.rollouts(model=self.spec.model)
        return next((r for r in found if (r.run.dag_id, r.run.run_id) == mine), None)

    def _without_rollout(self, context: Context) -> Ending:
        broken = finished(context).first_failure()
        if broken:
            return Ending(RunState.FAILED, broken)
        why = context["ti"].xcom_pull(task_ids="choose_version", key=WHY)
        return Ending(RunState.SUCCEEDED, str(why or "nothing to release"))

    def _end(self, opened: Open) -> Rollout:
        """Bring the endpoint to the live version, or to nothing, and only then end the rollout."""
        stop, end = opened.rollout.stop, unpromoted_end(opened.rollout)
        reason = finished(opened.context).first_failure() or "the run ended before the promotion"
        if stop is not None:
            reason = f"{stop.reason} ({stop.by})"
        self.log.warning("%s: %s", end.value.replace("_", " "), reason)
        if opened.rollout.state is not RolloutState.OPENED:
            opened.bring(settled(opened.live()), over_others=True)
        return opened.move(end, reason)

    def _tell_driver(self, opened: Open) -> None:
        """Ask the driver for what the control plane holds; it may have been told before."""
        record = opened.endpoint()
        if not record.owner:
            with suppress(Conflict):
                opened.apply(record)

    def _report(self, run: RunRef, version: str, ending: Ending) -> ReportRun:
        return ReportRun(
            run=run,
            model=self.spec.model,
            kind="release",
            partition="",
            state=ending.state,
            reason=ending.reason,
            version=version,
        )
