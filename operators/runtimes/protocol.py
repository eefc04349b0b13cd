"""What an operator asks of a runtime, and what it learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.client.messages.base import RunRef
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


class StepRuntime(Protocol):
    """Runs one step to its end."""

    def run(self, call: StepCall, run: RunRef, emit: Callable[[str], None]) -> StepEnding:
        """Run ``call`` and hand each line it prints to ``emit`` while it runs.

        Raises:
            InfrastructureError: the step could not be started.
        """

    def kill(self) -> None:
        """End the step and everything it started; harmless where nothing runs."""
