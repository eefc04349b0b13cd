"""Writes the page that leads to the compliance reports of one day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from include import settings
from include.errors import BadInput, RunEnded
from include.store.open import open_store
from operators.list_live_models import as_of
from operators.run import run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class WriteComplianceIndexOperator(AirworthyOperator):
    """Writes ``reports/compliance/<day>/index.html`` and returns its address.

    It runs whatever became of the reports, and names those that are not there.

    Args:
        listed: Task that listed the live versions.
    """

    def __init__(self, *, listed: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.listed = listed

    def act(self, context: Context) -> str:
        """Write the page.

        Raises:
            BadInput: the live versions were not listed.
            RunEnded: a report is missing; the page is written and says so.
            StoreUnavailable: a retry tries again.
        """
        # At the top it would cost every parse of the DAG file 40 ms.
        from include.compliance.publish import Place, write_index  # noqa: PLC0415
        from include.compliance.records import Generated  # noqa: PLC0415

        live = context["ti"].xcom_pull(task_ids=self.listed)
        if live is None:
            raise BadInput("no list of live versions", where=self.listed, remedy="Clear that task")
        run, place = run_ref(context), Place(settings.read().store, as_of(context))
        generated = Generated(at=datetime.now(UTC), by=f"{run.dag_id} {run.run_id}")
        wanted = [(one["model"], one["version"]) for one in live]
        entries = write_index(wanted, place, open_store(), generated)
        page = place.uri("index.html")
        self.log.info("reports of %s: %s", place.as_of, page)
        missing = [f"{one.model} {one.version}" for one in entries if not one.digest]
        if missing:
            raise RunEnded(f"no report of {', '.join(missing)}")
        return page
