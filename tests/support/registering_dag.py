"""A DAG file for suites of tests: registers a version that was packaged beforehand.

Only a running task may register: the control plane asks Airflow whether it runs.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, get_current_context, task

from include import settings
from include.client.messages.registry import RegisterVersion
from include.steps.registration import RegistrationDraft
from operators.hooks.airworthy import AirworthyHook
from operators.run import run_ref
from operators.schedules import UNSCHEDULED


@task(retries=3)
def register() -> str:
    """Register the draft that the run names, released by itself."""
    context: Any = get_current_context()
    file = settings.read().home / "drafts" / f"{context['params']['draft']}.json"
    draft = RegistrationDraft.model_validate_json(file.read_bytes())
    run = run_ref(context)
    message = RegisterVersion(**draft.model_dump(), run=run, release_policy="auto")
    with AirworthyHook().control_plane(run) as control_plane:
        return control_plane.register_version(message).version


with DAG(
    "registering",
    schedule=None,
    start_date=UNSCHEDULED,
    params={"draft": 0},
    is_paused_upon_creation=False,
):
    register()
