"""Records how runs of our DAGs stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.access.naming import check_name
from include.access.permission import check_run
from include.audit.occurrence import Occurrence
from include.client.messages.runs import RunRecord
from include.errors import NotFound

if TYPE_CHECKING:
    from include.client.messages.runs import ReportRun
    from plugins.airworthy.api.storage.work import Stores, Work


def one(stores: Stores, dag_id: str, run_id: str) -> RunRecord:
    """Return one run.

    Raises:
        NotFound: Nothing was reported of it.
    """
    found = stores.runs.get(dag_id, run_id)
    if found is None:
        raise NotFound(f"no run {run_id} of {dag_id}", remedy="List the runs")
    return found


def report(work: Work, message: ReportRun) -> RunRecord:
    """Create or update the record of a run; results of steps are added to those known.

    Raises:
        Forbidden: A workload speaks for another run.
    """
    check_run(work.caller, message.run)
    check_name("model", message.model)
    run = message.run
    work.runs.hold("run", run.dag_id, run.run_id)
    known = work.runs.get(run.dag_id, run.run_id)
    earlier = known.results if known else {}
    record = RunRecord(**{
        **dict(message),
        "results": {**earlier, **message.results},
        "version": message.version or (known.version if known else ""),
        "updated_at": work.now,
    })
    if known is not None and known.model_copy(update={"updated_at": work.now}) == record:
        return known
    work.runs.put(record)
    action = f"run.{record.state}"
    subject = f"{run.dag_id}/{run.run_id}"
    work.tell(Occurrence(action, "run", subject, reason=record.reason[:10_000]))
    return record
