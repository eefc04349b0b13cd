"""DAGs `<model>_train`, one for each compiled spec: from arrived data to a registered version.

Airflow parses this file often: nothing here reads YAML or imports a library of the steps.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import train_parts as parts
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TriggerRule, chain

from include import settings
from include.spec.card import card
from include.spec.shelf import shelf
from operators.acquire_partition import AcquirePartitionOperator
from operators.branch_on_gates import BranchOnGatesOperator
from operators.branch_on_outcome import BranchOnOutcomeOperator
from operators.defaults import LONG, TRAINING_POOL, tags, task_defaults, train_limit
from operators.find_champion import FindChampionOperator
from operators.forms import training_form
from operators.raise_alert import RaiseAlertOperator
from operators.register_version import RegisterVersionOperator
from operators.run_step import RunStepOperator, took
from operators.schedules import catchup, start, timetable
from operators.settle_training import SettleTrainingOperator

if TYPE_CHECKING:
    from include.spec.model import CompiledSpec

STAGE = "Brings in one partition, checks it, trains, evaluates, registers what passes its gates."
STEPS = ("acquire", "validate", "quarantine", "select", "evaluate", "gate", "package", "track")
DATA, TRAINED = parts.DATA, parts.TRAINED
CHAMPION = {"champion": "champion"}
AFTER_DATA = {"accept": "publish", "quarantine": "quarantine", "stop": "stop_and_alert"}
AFTER_GATES = {"of": "gate", "passed": "package", "ask": "ask_override", "refuse": "refuse"}
AFTER_BRANCH, ALWAYS = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, TriggerRule.ALL_DONE
LET_THROUGH = {"told": {"override": "ask_override"}, "trigger_rule": AFTER_BRANCH}


def training(compiled: CompiledSpec) -> DAG:
    """Return the training DAG of one model."""
    spec = compiled.spec
    with DAG(
        f"{spec.model}_train",
        description=f"{spec.title}: data to registered version",
        doc_md=card(spec, STAGE),
        schedule=timetable(spec.schedule),
        start_date=start(spec.schedule),
        catchup=catchup(spec.schedule),
        params=training_form(spec),
        tags=tags(spec, "train"),
        default_args=task_defaults(spec, TRAINING_POOL),
        max_active_runs=1,
        dagrun_timeout=train_limit(spec),
        is_paused_upon_creation=False,
    ) as dag:
        wire(compiled, timedelta(minutes=spec.training.timeout_minutes))
    return dag


def wire(compiled: CompiledSpec, limit: timedelta) -> None:
    """Put the tasks and their arrows into the DAG at hand."""
    spec = compiled.spec
    step = partial(RunStepOperator, spec=compiled, execution_timeout=LONG)
    branch, tell = BranchOnOutcomeOperator, partial(RaiseAlertOperator, spec=spec)
    acquire = AcquirePartitionOperator(task_id="acquire", spec=compiled, execution_timeout=LONG)
    champion = FindChampionOperator(task_id="champion", spec=spec)
    validate = step(task_id="validate", step="validate", inputs=took("acquire"), told=CHAMPION)
    data_verdict = branch(task_id="data_verdict", of="validate", branches=AFTER_DATA)
    publish = EmptyOperator(task_id="publish")
    quarantine = step(task_id="quarantine", step="quarantine", inputs=took("acquire", "validate"))
    stop_and_alert = tell(task_id="stop_and_alert", of="validate", cause="data")
    plan, select = parts.search(compiled, limit)
    evaluate = step(task_id="evaluate", step="evaluate", inputs=DATA | TRAINED, told=CHAMPION)
    gate = step(task_id="gate", step="gate", inputs=took("evaluate"))
    gate_verdict = BranchOnGatesOperator(task_id="gate_verdict", **AFTER_GATES)
    ask, answered = parts.second_person(compiled)
    judged = TRAINED | took("evaluate", "gate")
    package = step(task_id="package", step="package", inputs=DATA | judged, **LET_THROUGH)
    track = step(task_id="track", step="track", inputs=took("acquire", "package") | judged)
    register = RegisterVersionOperator(task_id="register", spec=spec)
    refuse = tell(task_id="refuse", of="gate", cause="gates", trigger_rule=AFTER_BRANCH)
    settle = SettleTrainingOperator(task_id="settle", spec=spec, steps=STEPS, trigger_rule=ALWAYS)
    chain(acquire, champion, validate, data_verdict, [publish, quarantine, stop_and_alert])
    chain([publish, quarantine], plan)
    chain(select, evaluate, gate, gate_verdict, [package, refuse])
    chain(gate_verdict, ask)
    chain(answered, [package, refuse])
    chain(package, track, register)
    chain([register, refuse, stop_and_alert], settle)


for _compiled in shelf(Path(__file__).parent / "compiled", settings.read().environment).specs:
    globals()[f"{_compiled.spec.model}_train"] = training(_compiled)
