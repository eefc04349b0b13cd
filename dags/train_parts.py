"""Parts of a training: the search for the best model, and the second person's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import TriggerRule

from include import settings
from operators.ask_override import AskOverrideOperator
from operators.branch_on_decision import BranchOnDecisionOperator
from operators.defaults import ANSWER_LIMIT
from operators.gather_candidates import GatherCandidatesOperator
from operators.list_candidates import ListCandidatesOperator
from operators.run_step import RunStepOperator, took
from sensors.decision import DecisionSensor

if TYPE_CHECKING:
    from datetime import timedelta

    from airflow.sdk import BaseOperator

    from include.spec.model import CompiledSpec

DATA: dict[str, tuple[str, ...]] = {"data": ("quarantine", "acquire")}
TRAINED: dict[str, tuple[str, ...]] = {"train": ("select",)}
# Two fill one machine; a cluster says itself for how many pods it has room.
AT_ONCE = {"local": 2}
ANSWER = {"of": "await_override", "yes": "override", "approved": "package", "otherwise": "refuse"}
FIRST, AFTER_ALL = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, TriggerRule.ALL_DONE_MIN_ONE_SUCCESS
NAMES = "{{ task.options['algorithm'] }}"
Ends = tuple["BaseOperator", "BaseOperator"]


def search(compiled: CompiledSpec, limit: timedelta) -> Ends:
    """Return the first and the last task; a candidate that fails does not lose the others."""
    common: dict[str, Any] = {"spec": compiled, "execution_timeout": limit}
    planned = DATA | took("plan")
    plan = RunStepOperator(task_id="plan", step="plan", inputs=DATA, trigger_rule=FIRST, **common)
    candidates = ListCandidatesOperator(task_id="candidates", plan="plan")
    fit = RunStepOperator.partial(
        task_id="fit",
        step="fit_candidate",
        inputs=planned,
        map_index_template=NAMES,
        max_active_tis_per_dagrun=AT_ONCE.get(settings.read().runtime),
        **common,
    ).expand(options=candidates.output)
    common |= {"inputs": planned, "fitted": "fit", "trigger_rule": AFTER_ALL}
    ensemble = GatherCandidatesOperator(task_id="ensemble", step="ensemble", **common)
    select = GatherCandidatesOperator(task_id="select", step="select", also="ensemble", **common)
    plan >> candidates >> fit >> ensemble >> select
    fit >> select
    return plan, select


def second_person(compiled: CompiledSpec) -> Ends:
    """Return the first and the last task of asking whether gates are overridden."""
    ask = AskOverrideOperator(task_id="ask_override", spec=compiled)
    wait = DecisionSensor(task_id="await_override", decision="ask_override", limit=ANSWER_LIMIT)
    answered = BranchOnDecisionOperator(task_id="override_verdict", **ANSWER)
    ask >> wait >> answered
    return ask, answered
