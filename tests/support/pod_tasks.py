"""Tasks whose steps are pods, without Airflow: the real operator, trigger and retry policy."""

from __future__ import annotations

import asyncio
import importlib
import json
import time
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from airflow.sdk import RetryAction
from airflow.sdk.exceptions import TaskDeferred

from include.errors import AirworthyError
from operators.defaults import RETRY_BY_CAUSE
from operators.run_step import RunStepOperator
from tests.support.airflow_tasks import Task, make_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.spec.model import CompiledSpec


class StateStore:
    """What a task remembers from one try to the next."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return json.loads(self._values[key]) if key in self._values else default

    def set(self, key: str, value: Any) -> None:
        self._values[key] = json.dumps(value)

    def delete(self, key: str) -> None:
        self._values.pop(key, None)


@dataclass
class PodTask:
    """One task that runs a scripted step as a pod, try after try.

    Attributes:
        spec: Compiled spec.
        script: What the step does; see ``tests/cluster/images/scripted.py``.
        ti: The try.
        step: Name of the step.
        options: Options of the step, for one that is not scripted.
        inputs: URI of each input, by name.
        seconds: The task's time limit.
        errors: What each failed try ended with.
        pause: Seconds between two tries.
    """

    spec: CompiledSpec
    script: str
    ti: Task = field(default_factory=lambda: Task(task_id="fit"))
    step: str = "scripted"
    options: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    seconds: int = 120
    errors: list[AirworthyError] = field(default_factory=list)
    pause: float = 0.5
    remembered: StateStore = field(default_factory=StateStore)

    def operator(self) -> RunStepOperator:
        """Return a new operator, as every process of a task makes one."""
        from datetime import timedelta

        return RunStepOperator(
            task_id=self.ti.task_id,
            step=self.step,
            spec=self.spec,
            options=self.options or {"script": self.script},
            inputs={name: (name,) for name in self.inputs},
            execution_timeout=timedelta(seconds=self.seconds),
        )

    def context(self) -> dict[str, Any]:
        """Return the context of the present try."""
        self.ti.xcoms |= {(name, "return_value"): uri for name, uri in self.inputs.items()}
        more = {"dag": SimpleNamespace(), "task_state_store": self.remembered}
        return make_context(self.ti) | more

    def launch(self) -> TaskDeferred:
        """Run the first half of a try, up to where the task is handed to the triggerer."""
        try:
            self.operator().execute(self.context())
        except TaskDeferred as deferred:
            return deferred
        message = "the task was not deferred"
        raise AssertionError(message)

    def once(self) -> str:
        """Run one whole try."""
        deferred = self.launch()
        return self.resume(asyncio.run(event_of(revived(deferred.trigger))))

    def resume(self, event: dict[str, Any]) -> str:
        """Run the second half of a try."""
        return self.operator().step_ended(self.context(), event)

    def run(self, between: Callable[[int], None] = lambda _: None) -> str:
        """Run tries until one succeeds or the retry policy says that no other can help."""
        while True:
            try:
                return self.once()
            except AirworthyError as error:
                self.errors.append(error)
                decision = RETRY_BY_CAUSE.evaluate(error, self.ti.try_number, self.ti.max_tries)
                if decision.action is not RetryAction.RETRY or self.ti.try_number > self.ti.retries:
                    raise
            between(self.ti.try_number)
            time.sleep(self.pause)
            self.ti = replace(self.ti, try_number=self.ti.try_number + 1)


def revived(trigger: Any) -> Any:
    """Return a trigger as the triggerer makes it: from what Airflow stored."""
    path, arguments = trigger.serialize()
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)(**json.loads(json.dumps(arguments)))


async def event_of(trigger: Any) -> dict[str, Any]:
    """Return the payload of a trigger's first event, as Airflow stores it."""
    async for event in trigger.run():
        return json.loads(json.dumps(event.payload))
    message = "the trigger ended without an event"
    raise AssertionError(message)
