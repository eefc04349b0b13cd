"""Starting a DAG run once, however often Airflow has to be asked."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from include.embedded.demo.follow import RunKey
from include.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.embedded.demo.people import Person

ATTEMPTS, PAUSE = 4, 3.0


def trigger(person: Person, dag_id: str, conf: Mapping[str, object]) -> RunKey:
    """Start a run as a person and return it.

    The run has an id of ours: on a busy machine Airflow's SQLite may be locked for longer than it
    waits, and whether the run was made nevertheless is asked by that id.

    Raises:
        InfrastructureError: Airflow did not start it.
    """
    run = RunKey(dag_id, f"manual__{datetime.now(UTC).isoformat()}")
    body = {"dag_run_id": run.run_id, "logical_date": None, "conf": dict(conf)}
    for attempt in range(1, ATTEMPTS + 1):
        try:
            person.airflow.call("POST", f"/dags/{dag_id}/dagRuns", body)
        except InfrastructureError:
            if attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE)
            if _is_there(person, run):
                break
        else:
            break
    return run


def _is_there(person: Person, run: RunKey) -> bool:
    try:
        person.airflow.get(run.path)
    except InfrastructureError:
        return False
    return True
