"""DAGs `<model>_release`, one for each compiled spec: from a registered version to all traffic.

Airflow starts one when the registry announces a version, or when people asked to go back to the
version before; people can start one by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import release_stages as stages
from airflow.sdk import DAG, Asset, AssetAny, TriggerRule, chain

from include import settings
from include.rollout import patience
from include.spec.card import card
from include.spec.shelf import shelf
from operators.branch_on_approval import BranchOnApprovalOperator
from operators.branch_on_decision import BranchOnDecisionOperator
from operators.choose_version import ChooseVersionOperator
from operators.defaults import RELEASE_POOL, tags, task_defaults
from operators.deploy_dark import DeployDarkOperator
from operators.forms import release_form
from operators.open_decision import OpenDecisionOperator
from operators.open_rollout import OpenRolloutOperator
from operators.promote_version import PromoteVersionOperator
from operators.refuse_rollout import RefuseRolloutOperator
from operators.roll_back import RollBackOperator
from operators.schedules import UNSCHEDULED
from operators.settle_release import SettleReleaseOperator
from operators.smoke_test import SmokeTestOperator
from sensors.decision import DecisionSensor
from sensors.endpoint_ready import EndpointReadySensor

if TYPE_CHECKING:
    from include.spec.model import Spec

STAGE = "Asks people where the spec says so, deploys dark, goes through its stages, promotes."
AFTER_BRANCH, ALWAYS = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, TriggerRule.ALL_DONE


def asset(model: str, what: str) -> Asset:
    """Return the asset whose events say that a version may be released, or has to go."""
    return Asset(name=f"airworthy_{what}_{model}", uri=f"x-airworthy://models/{model}/{what}")


def release(spec: Spec) -> DAG:
    """Return the release DAG of one model."""
    with DAG(
        f"{spec.model}_release",
        description=f"{spec.title}: registered version to all traffic",
        doc_md=card(spec, STAGE),
        schedule=AssetAny(asset(spec.model, "registered"), asset(spec.model, "rollback")),
        start_date=UNSCHEDULED,
        catchup=False,
        params=release_form(),
        tags=tags(spec, "release"),
        default_args=task_defaults(spec, RELEASE_POOL),
        max_active_runs=1,
        dagrun_timeout=patience.release(spec),
        is_paused_upon_creation=False,
    ) as dag:
        wire(spec)
    return dag


def wire(spec: Spec) -> None:
    """Put the tasks and their arrows into the DAG at hand."""
    choose_version = ChooseVersionOperator(task_id="choose_version", spec=spec)
    open_rollout = OpenRolloutOperator(task_id="open_rollout", spec=spec)
    needs_approval = BranchOnApprovalOperator(
        task_id="needs_approval", ask="open_decision", go="deploy_dark"
    )
    open_decision = OpenDecisionOperator(task_id="open_decision", spec=spec)
    await_decision = DecisionSensor(task_id="await_decision", limit=patience.approval(spec))
    decision_verdict = BranchOnDecisionOperator(
        task_id="decision_verdict", of="await_decision", approved="deploy_dark", otherwise="refuse"
    )
    refuse = RefuseRolloutOperator(task_id="refuse")
    deploy_dark = DeployDarkOperator(task_id="deploy_dark", trigger_rule=AFTER_BRANCH)
    endpoint_ready = EndpointReadySensor(task_id="endpoint_ready", limit=patience.readiness(spec))
    smoke_test = SmokeTestOperator(task_id="smoke_test", spec=spec)
    promote = PromoteVersionOperator(task_id=stages.PROMOTE, trigger_rule=AFTER_BRANCH)
    roll_back = RollBackOperator(task_id=stages.BACK, spec=spec, trigger_rule=AFTER_BRANCH)
    settle = SettleReleaseOperator(task_id="settle", spec=spec, retries=10, trigger_rule=ALWAYS)
    chain(choose_version, open_rollout, needs_approval, [open_decision, deploy_dark])
    chain(open_decision, await_decision, decision_verdict, [deploy_dark, refuse])
    chain(deploy_dark, endpoint_ready, smoke_test)
    stages.wire_stages(spec, smoke_test, promote, roll_back)
    chain([promote, refuse, roll_back], settle)


for _compiled in shelf(Path(__file__).parent / "compiled", settings.read().environment).specs:
    globals()[f"{_compiled.spec.model}_release"] = release(_compiled.spec)
