"""Runs one step of a model's life and hands on where its result is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from include import settings
from include.errors import BadInput, InfrastructureError, Rejected, StepBadInput, StepCrashed
from include.steps import call as calls
from include.steps.contract import ExitCode
from include.store.open import open_store
from operators.run import first_xcom, run_ref
from operators.runtimes.choice import runtime
from operators.runtimes.pods import memory
from operators.runtimes.pods.after import PodEnded, step_ending
from operators.runtimes.protocol import StepTask
from operators.runtimes.speech import heard
from operators.task import AirworthyOperator, failure_left

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

    from include.spec.model import CompiledSpec
    from include.steps.contract import StepCall
    from operators.runtimes.protocol import StepEnding, StepRuntime

KILLED_CODE = 128 + 9
LONGEST = timedelta(hours=12)
FINE = frozenset({ExitCode.DONE, ExitCode.REJECTED})


def took(*tasks: str) -> dict[str, tuple[str, ...]]:
    """Return the results of earlier tasks as inputs of the same names."""
    return {task: (task,) for task in tasks}


class RunStepOperator(AirworthyOperator):
    """Runs ``python -m include.steps.<step>``; returns the URI of its ``result.json``.

    Args:
        step: Name of the step.
        spec: Compiled spec that the step reads.
        inputs: Name of each input, with the tasks that may have made it, best first.
        options: Options of the step.
        told: Options that earlier tasks returned, where they ran, by the task.
    """

    template_fields = ("options",)

    def __init__(
        self,
        *,
        step: str,
        spec: CompiledSpec,
        inputs: Mapping[str, tuple[str, ...]] | None = None,
        options: Mapping[str, str] | None = None,
        told: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.step = step
        self.spec = spec
        self.inputs = inputs or {}
        self.options = dict(options or {})
        self.told = told or {}
        self._runtime: StepRuntime | None = None

    def act(self, context: Context) -> str:
        """Run the step.

        Raises:
            StepBadInput: what the step was given is wrong.
            Rejected: a rule of the step said no.
            StepCrashed: it ended in no orderly way; a retry may help.
            InfrastructureError: something outside failed.
        """
        call = self._call(context)
        limit = self.execution_timeout or LONGEST
        task = StepTask(context, self.spec.spec, int(limit.total_seconds()))
        self._runtime = runtime(settings.read(), task)
        self.log.info("step %s, key %s", call.step, call.key)
        ending = self._runtime.run(call, run_ref(context), self._log_line)
        return self._came_to(call.output, ending)

    def step_ended(self, context: Context, event: dict[str, Any]) -> str:
        """Go on after the step's pod has ended; the triggerer has told what it printed."""
        ended = PodEnded.from_json(event)
        if ended.ran_out_of_memory:
            memory.note(context, ended.key if ended.more_memory else "")
        with failure_left(context):
            ending = step_ending(self.step, ended, open_store())
            return self._came_to(ended.output, ending)

    def more_inputs(self, context: Context) -> dict[str, str]:  # noqa: ARG002  (for subclasses)
        """Return further inputs, which depend on how earlier tasks ended."""
        return {}

    def on_kill(self) -> None:
        """End the step with its task."""
        if self._runtime is not None:
            self._runtime.kill()

    def _call(self, context: Context) -> StepCall:
        inputs = {name: first_xcom(context, tasks) for name, tasks in self.inputs.items()}
        missing = sorted(name for name, uri in inputs.items() if not uri)
        if missing:
            raise BadInput(
                "an earlier task left no result",
                where=f"step {self.step}",
                value=", ".join(missing),
                remedy="Clear that task, not only this one",
            )
        inputs |= self.more_inputs(context)
        told = {name: first_xcom(context, (task,)) for name, task in self.told.items()}
        options = self.options | {name: value for name, value in told.items() if value}
        return calls.prepare(self.step, self.spec, inputs, options, open_store())

    def _came_to(self, output: str, ending: StepEnding) -> str:
        if ending.code not in FINE:
            raise failure(self.step, ending)
        result = calls.read_result(open_store(), output)
        if ending.code == ExitCode.REJECTED:
            raise Rejected(result.message, where=f"step {self.step}")
        self.log.info("%s: %s (%s)", result.outcome, result.message, output)
        return output

    def _log_line(self, line: str) -> None:
        said = heard(line)
        self.log.log(said.level, "%s", said.text)


def failure(step: str, ending: StepEnding) -> BadInput | InfrastructureError:
    """Return the error that an ending stands for, worded by the step where it said something."""
    where, said = f"step {step}", ending.failure
    if ending.signal is not None or ending.code == KILLED_CODE:
        number = ending.signal or 9
        hint = ": out of memory?" if number == 9 else ""
        return StepCrashed(f"killed by signal {number}{hint}", where=where, remedy=ending.tail)
    if said is None or ending.code not in {ExitCode.BAD_INPUT, ExitCode.INFRASTRUCTURE}:
        return StepCrashed(f"ended with code {ending.code}", where=where, remedy=ending.tail)
    kind = StepBadInput if ending.code == ExitCode.BAD_INPUT else InfrastructureError
    place = f"{where}: {said.where}" if said.where else where
    return kind(said.what, where=place, value=said.value or None, remedy=said.remedy)
