"""Runs of our DAGs."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response

from include.access.permission import Action
from include.client.messages.runs import ReportRun, RunRecord
from plugins.airworthy.api.actions import running
from plugins.airworthy.api.call import Allowed, Call
from plugins.airworthy.api.routes.parameters import DagId, ModelFilter, RunId

router = APIRouter(prefix="/runs", tags=["runs"])


@router.put("", response_model=RunRecord)
def report_run(
    message: ReportRun, call: Annotated[Call, Depends(Allowed(Action.REPORT_RUN))]
) -> Response:
    """Create or update the record of a run."""
    return call.write(message, lambda work: running.report(work, message))


@router.get("")
def runs(
    call: Annotated[Call, Depends(Allowed(Action.READ))],
    model: ModelFilter = "",
    kind: Literal["", "train", "release"] = "",
) -> tuple[RunRecord, ...]:
    """Return the runs, last changed first; of one model or kind where given."""
    return call.read(lambda stores: stores.runs.listed(model, kind))


@router.get("/{dag_id}/{run_id}")
def run(
    dag_id: DagId, run_id: RunId, call: Annotated[Call, Depends(Allowed(Action.READ))]
) -> RunRecord:
    """Return the record of one run."""
    return call.read(lambda stores: running.one(stores, dag_id, run_id))
