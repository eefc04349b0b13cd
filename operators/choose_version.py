"""Chooses the version that a release is about, or finds that there is nothing to do."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException

from include.client.messages.runs import ReportRun, RunState
from include.errors import NotFound
from include.rollout.candidates import Question, choose
from operators.hooks.airworthy import AirworthyHook
from operators.links.release import VersionLink, version_page
from operators.run import param, run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.client.control_plane import ControlPlane
    from include.client.messages.base import RunRef
    from include.rollout.candidates import Choice
    from include.spec.model import Spec

WHY = "why"


class ChooseVersionOperator(AirworthyOperator):
    """Returns the newest eligible version; is skipped where nothing is left to release.

    Args:
        spec: Spec of the model.
    """

    operator_extra_links = (VersionLink(),)

    def __init__(self, *, spec: Spec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.page = ""

    def act(self, context: Context) -> str:
        """Choose, and leave the reason as XCom ``why``.

        Raises:
            BadInput: a person asked for a version that is not registered.
            AirflowSkipException: there is nothing to release.
        """
        run = run_ref(context)
        with AirworthyHook().control_plane(run) as control_plane:
            choice = choose(self._question(context, control_plane, run))
            self._announce(control_plane, run, choice)
        context["ti"].xcom_push(key=WHY, value=choice.reason)
        self.log.info(choice.reason)
        if not choice.version:
            raise AirflowSkipException(choice.reason)
        self.page = version_page(self.spec.model, choice.version)
        return choice.version

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
    events = context.get("triggering_asset_events") or {}
    found = (event.extra.get("version") for asset in events for event in events[asset])
    return tuple(dict.fromkeys(str(version) for version in found if version))
