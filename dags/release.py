"""DAGs `<model>_release`, one for each compiled spec: from a registered version to all traffic.

Airflow starts one when the registry announces a version; people can start one by hand.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import DAG, Asset, TriggerRule, chain

from include import settings
from include.spec.card import card
from include.spec.shelf import shelf
from operators.apply_endpoint import ApplyEndpointOperator
from operators.branch_on_approval import BranchOnApprovalOperator
from operators.branch_on_decision import BranchOnDecisionOperator
from operators.choose_version import ChooseVersionOperator
from operators.defaults import RELEASE_POOL, tags, task_defaults
from operators.forms import release_form
from operators.open_decision import OpenDecisionOperator
from operators.open_rollout import OpenRolloutOperator
from operators.promote_version import PromoteVersionOperator
from operators.refuse_rollout import RefuseRolloutOperator
from operators.schedules import UNSCHEDULED
from operators.settle_release import SettleReleaseOperator
from operators.smoke_test import SmokeTestOperator
from sensors.decision import DecisionSensor
from sensors.endpoint_ready import EndpointReadySensor

if TYPE_CHECKING:
    from include.spec.model import Spec

STAGE = "Asks people where the spec says so, deploys dark, tests, shifts all traffic, promotes."
AFTER_BRANCH, ALWAYS = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, TriggerRule.ALL_DONE


def registered(model: str) -> Asset:
    """Return the asset whose events say that a version may be released."""
    uri = f"x-airworthy://models/{model}/registered"
    return Asset(name=f"airworthy_registered_{model}", uri=uri)


def release(spec: Spec) -> DAG:
    """Return the release DAG of one model."""
    # A decision can be extended once, by at most as long as it was open before.
    longest_decision = timedelta(hours=2 * spec.release.first_release.deadline_hours + 1)
    with DAG(
        f"{spec.model}_release",
        description=f"{spec.title}: registered version to all traffic",
        doc_md=card(spec, STAGE),
        schedule=[registered(spec.model)],
        start_date=UNSCHEDULED,
        catchup=False,
        params=release_form(),
        tags=tags(spec, "release"),
        default_args=task_defaults(spec, RELEASE_POOL),
        max_active_runs=1,
        dagrun_timeout=longest_decision + timedelta(hours=6),
        is_paused_upon_creation=False,
    ) as dag:
        wire(spec, longest_decision)
    return dag


def wire(spec: Spec, longest_decision: timedelta) -> None:
    """Put the tasks and their arrows into the DAG at hand."""
    ready = partial(
        EndpointReadySensor, limit=timedelta(minutes=spec.release.ready_timeout_minutes)
    )
    choose_version = ChooseVersionOperator(task_id="choose_version", spec=spec)
    open_rollout = OpenRolloutOperator(task_id="open_rollout", spec=spec)
    needs_approval = BranchOnApprovalOperator(
        task_id="needs_approval", ask="open_decision", go="deploy_dark"
    )
    open_decision = OpenDecisionOperator(task_id="open_decision", spec=spec)
    await_decision = DecisionSensor(task_id="await_decision", limit=longest_decision)
    decision_verdict = BranchOnDecisionOperator(
        task_id="decision_verdict", of="await_decision", approved="deploy_dark", otherwise="refuse"
    )
    refuse = RefuseRolloutOperator(task_id="refuse")
    deploy_dark = ApplyEndpointOperator(task_id="deploy_dark", weight=0, trigger_rule=AFTER_BRANCH)
    endpoint_ready = ready(task_id="endpoint_ready", weight=0)
    smoke_test = SmokeTestOperator(task_id="smoke_test", spec=spec)
    shift_traffic = ApplyEndpointOperator(task_id="shift_traffic", weight=100)
    verify = ready(task_id="verify", weight=100)
    promote = PromoteVersionOperator(task_id="promote")
    settle = SettleReleaseOperator(task_id="settle", spec=spec, retries=10, trigger_rule=ALWAYS)
    chain(choose_version, open_rollout, needs_approval, [open_decision, deploy_dark])
    chain(open_decision, await_decision, decision_verdict, [deploy_dark, refuse])
    chain(deploy_dark, endpoint_ready, smoke_test, shift_traffic, verify, promote)
    chain([promote, refuse], settle)


for _compiled in shelf(Path(__file__).parent / "compiled", settings.read().environment).specs:
    globals()[f"{_compiled.spec.model}_release"] = release(_compiled.spec)
