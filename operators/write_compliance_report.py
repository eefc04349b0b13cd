"""Writes the compliance report of one live version."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from include import settings
from include.store.open import open_store
from operators.hooks.airworthy import AirworthyHook
from operators.run import run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class WriteComplianceReportOperator(AirworthyOperator):
    """Writes ``reports/compliance/<day>/<model>.html`` and ``.json``; returns the page's address.

    Args:
        live: One entry of ``ListLiveModelsOperator``.
    """

    template_fields = ("live",)

    def __init__(self, *, live: dict[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.live = live

    def act(self, context: Context) -> str:
        """Gather and write; the same evidence gives the same bytes but for the time.

        Raises:
            NotFound: the version is gone.
            ControlPlaneUnavailable, StoreUnavailable: a retry asks again.
        """
        # At the top it would cost every parse of the DAG file 40 ms.
        from include.compliance.history import Live  # noqa: PLC0415
        from include.compliance.publish import Place, make, write  # noqa: PLC0415
        from include.compliance.records import Generated  # noqa: PLC0415

        live = Live(self.live["model"], self.live["version"], self.live["endpoint"])
        day, store, run = date.fromisoformat(self.live["as_of"]), open_store(), run_ref(context)
        generated = Generated(at=datetime.now(UTC), by=f"{run.dag_id} {run.run_id}")
        with AirworthyHook().control_plane(run) as control_plane:
            made = make(control_plane, store, live, day, generated)
        page = write(made, Place(settings.read().store, day), store)
        found = made.contents
        self.log.info("%s %s: %d gap(s)", found.model, found.version, len(found.gaps))
        for gap in found.gaps:
            self.log.info("gap in %s: %s. %s", gap.section, gap.what, gap.remedy)
        self.log.info("report: %s, contents SHA-256 %s", page, found.digest)
        return page
