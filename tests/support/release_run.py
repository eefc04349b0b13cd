"""Runs of the release DAG without Airflow: the real graph, operators, sensors and triggers.

Trigger rules and branches are played as in ``trigger_rules``; a deferred task waits right here,
and everything that Airflow would store on the way goes through JSON.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException, TaskDeferred

from include.client.messages.decisions import AnswerDecision, DecisionState
from include.errors import AirworthyError
from include.spec.release import Canary, Patience, Shadow
from operators.hooks.airworthy import AirworthyHook
from operators.run import run_ref
from operators.stage import Open
from operators.task import failure_left
from tests.support.trigger_rules import Graph, due

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DAGS = Path(__file__).parents[2] / "dags"
MODEL = "mortgage_approval"
QUICK_POLL = 0.05
BEGIN = ("choose_version", "open_rollout")
DARK = (*BEGIN, "approve", "deploy_dark", "endpoint_ready")
WATCH = ("apply", "split", "health", "verdict")
STAGES = ("shadow", "stage_25", "stage_100")


def watch(stage: str) -> tuple[str, ...]:
    """Return the tasks of a stage that passes."""
    return tuple(f"{stage}.{task}" for task in WATCH)


FIRST = (*DARK, "smoke_test", *watch("stage_100"), "promote")
NEXT = (*DARK, "smoke_test", *(task for stage in STAGES for task in watch(stage)), "promote")
# A stage is looked at once at least, so that what has evidence needs no time.
QUICK = Patience(min_requests=20, min_seconds=0, deadline_minutes=0.01)


def small(spec: Any, patience: Patience = QUICK, **changes: Any) -> Any:
    """Return a spec with a shadow and two stages, none of which takes time or labels."""
    release = spec.release
    canary = Canary(shadow=Shadow(patience=patience), weights=(25, 100), patience=patience)
    quick = {
        "canary": canary,
        "first_release": release.first_release.model_copy(update={"patience": patience}),
        "signals": release.signals.model_copy(update={"quality": None}),
        **changes,
    }
    return spec.model_copy(update={"release": release.model_copy(update=quick)})


def release_dag(spec: Any) -> Any:
    """Return the release DAG of a spec, made by the DAG file itself."""
    if str(DAGS) not in sys.path:
        sys.path.append(str(DAGS))
    found = importlib.util.spec_from_file_location("release_dag_file", DAGS / "release.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module.release(spec)


async def first(trigger: Any) -> Any:
    async for event in trigger.run():
        return event.payload
    raise AssertionError("the trigger ended without an event")


class Run:
    """One run of the release DAG, task by task or as a whole."""

    def __init__(self, spec: Any, task: Any, context: Any, run_id: str, approver: Any) -> None:
        self.spec, self.task, self.context, self.approver = spec, task, context, approver
        self.run_id = run_id
        self.passed_over: set[str] = set()
        task.dag_id = f"{MODEL}_release"
        self.take()
        task.xcoms.clear()
        task.states.clear()

    def take(self) -> None:
        """Let the shared try be one of this run."""
        self.task.run_id = self.run_id

    @cached_property
    def dag(self) -> Any:
        return release_dag(self.spec)

    @cached_property
    def graph(self) -> Graph:
        dag = self.dag
        return Graph(
            {one.task_id: sorted(one.downstream_task_ids) for one in dag.tasks},
            {one.task_id: one.trigger_rule.value for one in dag.tasks},
            [one.task_id for one in dag.topological_sort()],
        )

    def do(self, task_id: str, **changes: Any) -> Any:
        """Run one task, whatever came before, and keep what it returns."""
        if task_id == "approve":
            return self.approve()
        self.task.task_id = task_id
        try:
            value = self._execute(self.dag.get_task(task_id), self.context(**changes))
        except AirflowSkipException:
            self.task.states[task_id] = "skipped"
            raise
        except Exception:
            self.task.states[task_id] = "failed"
            raise
        self.task.states[task_id] = "success"
        self.task.xcoms[task_id, "return_value"] = json.loads(json.dumps(value))
        return value

    def _execute(self, operator: Any, context: Any) -> Any:
        if hasattr(operator, "choose_branch"):
            with failure_left(context):
                return operator.choose_branch(context)
        try:
            return operator.execute(context)
        except TaskDeferred as deferred:
            _, stored = deferred.trigger.serialize()
            arguments = json.loads(json.dumps(stored)) | {"poll_seconds": QUICK_POLL}
            trigger = type(deferred.trigger)(**arguments)
            event = json.loads(json.dumps(asyncio.run(first(trigger))))
            return getattr(operator, deferred.method_name)(context, event)

    def through(self, *task_ids: str) -> None:
        for task_id in task_ids:
            self.do(task_id)

    def play(
        self,
        before: Mapping[str, Callable[[], Any]] | None = None,
        *,
        tries: int = 1,
        **changes: Any,
    ) -> dict[str, str]:
        """Run all tasks as Airflow would; ``before`` says what happens right before a task."""
        states, passed_over = self.task.states, set()
        for task_id in self.graph.order:
            rule = due(
                self.graph.rules[task_id], [states[one] for one in self.graph.upstream(task_id)]
            )
            if task_id in passed_over:
                states[task_id] = "skipped"
            elif rule != "run":
                states[task_id] = rule
            else:
                (before or {}).get(task_id, bool)()
                self._try(task_id, tries, changes)
                followed = self.task.xcoms.get((task_id, "return_value"))
                if states[task_id] == "success" and followed in self.graph.downstream[task_id]:
                    kept = self.graph.behind(followed)
                    passed_over |= set(self.graph.downstream[task_id]) - kept
        return dict(states)

    def _try(self, task_id: str, tries: int, changes: dict[str, Any]) -> None:
        for number in range(tries):
            self.task.try_number = number + 1
            try:
                self.do(task_id, **changes)
            except AirflowSkipException:
                return
            except (AirworthyError, Killed):
                continue
            return

    def did(self) -> list[str]:
        """Return the tasks that succeeded, in the order of the graph."""
        return [one for one in self.graph.order if self.task.states.get(one) == "success"]

    def opened(self) -> Open:
        """Return the run's rollout as one of its tasks holds it."""
        control_plane = AirworthyHook().control_plane(run_ref(self.context()))
        found = control_plane.rollout(self.task.xcoms["open_rollout", "return_value"])
        return Open(control_plane, found, self.context())

    def approve(self) -> None:
        """Ask people where the rollout needs them, who say yes."""
        if self.do("open_decision"):
            self.answer("approve")

    def answer(self, answer: str, reason: str = "good rows") -> None:
        """Let a person answer the open decision, if there is one."""
        for decision in self.approver.decisions():
            if decision.state is DecisionState.OPEN:
                given = AnswerDecision(
                    answer=answer, reason=reason, subject_digest=decision.subject_digest
                )
                self.approver.answer_decision(decision.id, given)


class Killed(BaseException):
    """The task's process died here."""
