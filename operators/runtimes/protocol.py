"""What an operator asks of a runtime, and what it learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import Context

    from include.client.messages.base import RunRef
    from include.spec.model import Spec
    from include.steps.contract import StepCall, StepFailure


@dataclass(frozen=True)
class StepEnding:
    """How a step ended.

    Attributes:
        code: Exit code; None where a signal ended it.
        signal: Number of the signal; None where it exited by itself.
        failure: What the step said last, where it failed in an orderly way.
        tail: Its last lines that were no structured ones, for a crash.
    """

    code: int | None
    signal: int | None = None
    failure: StepFailure | None = None
    tail: str = ""


@dataclass(frozen=True)
class StepTask:
    """The task that runs a step, for a runtime that does so elsewhere.

    Attributes:
        context: Its context.
        spec: The model's resolved spec.
        seconds: How long the step may run.
    """

    context: Context
    spec: Spec
    seconds: int


class StepRuntime(Protocol):
    """Runs one step to its end, or has the task go on in ``step_ended`` when it has ended."""

    def run(self, call: StepCall, run: RunRef, emit: Callable[[str], None]) -> StepEnding:
        """Run ``call`` and hand each line it prints to ``emit`` while it runs.

        Raises:
            TaskDeferred: the step runs elsewhere.
            BadInput: it cannot run here as it is.
            InfrastructureError: the step could not be started.
        """

    def kill(self) -> None:
        """End the step and everything it started; harmless where nothing runs."""
