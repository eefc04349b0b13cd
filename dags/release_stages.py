"""The tasks of one stage of a release, as a task group; used by `release.py`, no DAG by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import TaskGroup, TriggerRule, chain

from include.rollout import patience
from include.rollout.planning import plan_of, stage_name
from operators.apply_stage import ApplyStageOperator
from operators.ask_about_stage import AskAboutStageOperator
from operators.branch_on_answer import BranchOnAnswerOperator
from operators.branch_on_plan import BranchOnPlanOperator
from operators.branch_on_stage import BranchOnStageOperator
from operators.extend_stage import ExtendStageOperator
from sensors.canary_health import CanaryHealthSensor
from sensors.decision import DecisionSensor
from sensors.split import SplitSensor

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

    from include.spec.model import Spec

PROMOTE, BACK = "promote", "roll_back"


@dataclass(frozen=True)
class Stage:
    """One stage in the graph.

    Attributes:
        spec: Spec of the model.
        name: Name of its group.
        place: Which stage of the plan it is, counted from the last: -1.
        following: Task to follow where it is cleared.
    """

    spec: Spec
    name: str
    place: int
    following: str


def wire_stages(
    spec: Spec, smoke_test: BaseOperator, promote: BaseOperator, roll_back: BaseOperator
) -> None:
    """Put a task group a stage into the DAG at hand, each followed by the next or the way back.

    A first release comes to the last stage, and a rollback to the promotion, by a task of its own:
    an arrow from `way` itself would let both run where an earlier stage has failed.
    """
    names = [stage_name(stage) for stage in plan_of(spec, "canary").stages]
    entrances = [f"{name}.apply" for name in names]
    way = BranchOnPlanOperator(
        task_id="way", stages=len(names), first=entrances[0], alone="first_release", back="go_back"
    )
    first_release = EmptyOperator(task_id="first_release")
    go_back = EmptyOperator(task_id="go_back")
    chain(smoke_test, way, [first_release, go_back])
    leaving: tuple[BaseOperator, ...] = (way,)
    for place, name in enumerate(names, start=-len(names)):
        following = PROMOTE if place == -1 else entrances[place + 1]
        apply, exits = stage_group(Stage(spec, name, place, following))
        chain(leaving if place < -1 else [*leaving, first_release], apply)
        chain(exits, roll_back)
        leaving = exits
    chain([*leaving, go_back], promote)


def stage_group(stage: Stage) -> tuple[BaseOperator, tuple[BaseOperator, ...]]:
    """Put the tasks of one stage into the DAG at hand; return its first task and its branches."""
    place, ask, extend = stage.place, f"{stage.name}.ask", f"{stage.name}.extend"
    cleared: dict[str, Any] = {"stage": place, "cleared": stage.following, "failed": BACK}
    with TaskGroup(stage.name):
        apply = ApplyStageOperator(
            task_id="apply", stage=place, trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
        )
        split = SplitSensor(task_id="split", stage=place, limit=patience.readiness(stage.spec))
        health = CanaryHealthSensor(task_id="health", stage=place)
        verdict = BranchOnStageOperator(
            task_id="verdict", health=health.task_id, undecided=ask, **cleared
        )
        asking = AskAboutStageOperator(task_id="ask", stage=place, title=stage.spec.title)
        answer = DecisionSensor(task_id="answer", decision=ask, limit=patience.answer(stage.spec))
        answered = BranchOnAnswerOperator(
            task_id="answered", decision=ask, extended=extend, **cleared
        )
        extending = ExtendStageOperator(task_id="extend", stage=place)
        again = CanaryHealthSensor(task_id="health_again", stage=place)
        verdict_again = BranchOnStageOperator(
            task_id="verdict_again", health=again.task_id, **cleared
        )
    chain(apply, split, health, verdict, asking, answer, answered, extending, again, verdict_again)
    return apply, (verdict, answered, verdict_again)
