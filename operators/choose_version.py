"""Chooses the version that a release is about, or finds that there is nothing to do."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException

from include.client.messages.runs import ReportRun, RunState
from include.errors import NotFound
from include.rollout.candidates import Choice, Question, choose
from operators.hooks.airworthy import AirworthyHook
from operators.links.release import VersionLink, version_page
from operators.run import param, run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.client.control_plane import ControlPlane
    from include.client.messages.base import RunRef
    from include.client.messages.plans import RollbackRequest
    from include.spec.model import Spec

WHY, ROLLBACK = "why", "rollback"


class ChooseVersionOperator(AirworthyOperator):
    """Returns the newest eligible version; is skipped where nothing is left to release.

    Where people asked to go back, this comes before what is new.

    Args:
        spec: Spec of the model.
    """

    operator_extra_links = (VersionLink(),)

    def __init__(self, *, spec: Spec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.page = ""

    def act(self, context: Context) -> str:
        """Choose; leave the reason as XCom ``why``, a request to go back as ``rollback``.

        Raises:
            BadInput: a person asked for a version that is not registered.
            AirflowSkipException: there is nothing to release.
        """
        run = run_ref(context)
        with AirworthyHook().control_plane(run) as control_plane:
            back = self._request(control_plane, run)
            choice = self._choice(context, control_plane, run, back)
            self._announce(control_plane, run, choice)
        context["ti"].xcom_push(key=WHY, value=choice.reason)
        context["ti"].xcom_push(key=ROLLBACK, value=back.id if back else "")
        self.log.info(choice.reason)
        if not choice.version:
            raise AirflowSkipException(choice.reason)
        self.page = version_page(self.spec.model, choice.version)
        return choice.version

    def _request(self, control_plane: ControlPlane, run: RunRef) -> RollbackRequest | None:
        """Return the request to go back that this run carries out, or has to.

        It is read where it stands: an event only says that there may be one.
        """
        with suppress(NotFound):  # an endpoint begins with its first rollout
            found = control_plane.rollbacks(self.spec.release.endpoint)
            mine = {
                rollout.id
                for rollout in control_plane.rollouts(model=self.spec.model)
                if (rollout.run.dag_id, rollout.run.run_id) == (run.dag_id, run.run_id)
            }
            asked = [request for request in found if request.kind == "rollback"]
            taken = (request for request in asked if request.rollout_id in mine)
            free = (r for r in asked if not r.rollout_id and r.closed_at is None)
            return next(taken, None) or next(free, None)
        return None

    def _choice(
        self,
        context: Context,
        control_plane: ControlPlane,
        run: RunRef,
        back: RollbackRequest | None,
    ) -> Choice:
        if back is not None:
            told = f"{back.by} asked to go back from {back.from_version}: {back.reason}"
            return Choice(back.version, (), f"{back.version}, since {told}")
        if is_only_back(context):
            return Choice("", (), "nothing to go back to: somebody has done it, or it was closed")
        return choose(self._question(context, control_plane, run))

    def _question(self, context: Context, control_plane: ControlPlane, run: RunRef) -> Question:
        model = self.spec.model
        others = (
            rollout.version
            for rollout in control_plane.rollouts(model=model)
            if (rollout.run.dag_id, rollout.run.run_id) != (run.dag_id, run.run_id)
        )
        return Question(
            requested=param(context, "version"),
            announced=announced(context),
            registered=tuple(v.version for v in control_plane.versions(model)),
            handled=tuple(others),
            live=self._live(control_plane),
        )

    def _live(self, control_plane: ControlPlane) -> str:
        with suppress(NotFound):  # an endpoint begins with its first rollout
            return control_plane.endpoint(self.spec.release.endpoint).live_version
        return ""

    def _announce(self, control_plane: ControlPlane, run: RunRef, choice: Choice) -> None:
        report = ReportRun(
            run=run,
            model=self.spec.model,
            kind="release",
            partition="",
            state=RunState.RUNNING,
            reason=choice.reason,
            version=choice.version,
        )
        control_plane.report_run(report)


def announced(context: Context) -> tuple[str, ...]:
    """Return the versions that the triggering events name, in the order of the events."""
    found = (extra.get("version") for extra in extras(context) if not extra.get("rollback_id"))
    return tuple(dict.fromkeys(str(version) for version in found if version))


def is_only_back(context: Context) -> bool:
    """Say whether requests to go back, and nothing else, started the run."""
    found = extras(context)
    return bool(found) and all(extra.get("rollback_id") for extra in found)


def extras(context: Context) -> list[dict[str, Any]]:
    """Return what the triggering events carry, in their order; nothing for a run by hand."""
    events = context.get("triggering_asset_events") or {}
    return [event.extra for asset in events for event in events[asset]]
