"""Lists the versions that are live, for the tasks that are mapped over them."""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from include.errors import BadInput
from operators.hooks.airworthy import AirworthyHook
from operators.run import param, run_ref

if TYPE_CHECKING:
    from airflow.sdk import Context


class ListLiveModelsOperator(BaseOperator):
    """Returns one entry a live version: model, version, endpoint, and the day that is meant.

    The form's `model` chooses one model, its `as_of` a day; else all models, on the run's day.
    """

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Ask the control plane.

        Raises:
            NotFound: nothing of the chosen model was live.
            BadInput: the chosen day is none, or lies ahead.
            ControlPlaneUnavailable: a retry asks again; an outage is never "nothing is live".
        """
        # At the top it would cost every parse of the DAG file 40 ms.
        from include.compliance.publish import live_versions  # noqa: PLC0415

        day = as_of(context)
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            found = live_versions(control_plane, day, param(context, "model"))
        for one in found:
            self.log.info("%s %s at %s on %s", one.model, one.version, one.endpoint, day)
        return [
            {"model": o.model, "version": o.version, "endpoint": o.endpoint, "as_of": str(day)}
            for o in found
        ]


def as_of(context: Context) -> date:
    """Return the day (UTC) that a run reports on.

    Raises:
        BadInput: what the form says is no day, or lies ahead of the run.
    """
    ran: date = context["dag_run"].run_after.astimezone(UTC).date()
    asked = param(context, "as_of")
    if not asked:
        return ran
    try:
        day = date.fromisoformat(asked)
    except ValueError as error:
        raise BadInput("not a day", where="as_of", value=asked, remedy="As 2026-04-16") from error
    if day > ran:
        raise BadInput("this day lies ahead", where="as_of", value=asked, remedy=f"{ran} or before")
    return day
