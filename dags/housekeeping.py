"""DAG `housekeeping`: once an hour, endpoints that a release left on its way."""

from __future__ import annotations

from airflow.sdk import DAG

from operators.defaults import RELEASE_POOL, SUITE, defaults
from operators.schedules import HOURLY, HOURLY_LIMIT, UNSCHEDULED
from operators.tidy_endpoints import TidyEndpointsOperator

CARD = """
### Housekeeping

**Purpose.** Brings every endpoint that nobody owns to what the control plane has recorded of it. An
endpoint whose release died is taken from it and given back to the live version, with an alert. It
fails, and so tells people, where Airflow does not say that the release's run is over, and where
somebody changed an endpoint that no release is at work on.

It takes nothing from a release whose run goes on, and nothing that people or others made.
"""

with DAG(
    "housekeeping",
    description="Endpoints that a release left on its way",
    doc_md=CARD,
    schedule=HOURLY,
    start_date=UNSCHEDULED,
    catchup=False,
    tags=["airworthy", "housekeeping"],
    default_args=defaults(SUITE, RELEASE_POOL),
    max_active_runs=1,
    dagrun_timeout=HOURLY_LIMIT,
    is_paused_upon_creation=False,
) as housekeeping:
    TidyEndpointsOperator(task_id="tidy")
