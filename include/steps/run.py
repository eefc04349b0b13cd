"""The runner: everything a step has in common, so that a step module is its work alone.

A step module is ``def work(context: StepContext) -> StepOutcome`` and, at its end,
``if __name__ == "__main__": run.main("acquire", work)``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from include import digest, logs
from include.clock import SystemClock
from include.errors import (
    AirworthyError,
    BadInput,
    Conflict,
    InfrastructureError,
    ObjectMissing,
    Rejected,
)
from include.spec import compiled
from include.steps.arguments import StepArguments, parse
from include.steps.call import read_result
from include.steps.code import code_digest
from include.steps.context import REJECTED, StepContext, StepOutcome
from include.steps.contract import ExitCode, StepCall, StepFailure, StepInput, StepResult
from include.steps.memory import peak_memory_bytes
from include.store.failures import filling
from include.store.open import open_store
from include.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.clock import Clock
    from include.store.objects import ObjectStore

__all__ = ["StepContext", "StepOutcome", "Work", "execute", "main"]

Work = Callable[[StepContext], StepOutcome]
CRASH = 1
_EXITS: tuple[tuple[type[BaseException], int], ...] = (
    (InfrastructureError, ExitCode.INFRASTRUCTURE),
    (Conflict, ExitCode.INFRASTRUCTURE),
    (MemoryError, ExitCode.INFRASTRUCTURE),
    (AirworthyError, ExitCode.BAD_INPUT),
)


def main(step: str, work: Work) -> NoReturn:
    """Run a step as a program: arguments from the command line, exit code to the caller."""
    logs.configure()
    sys.exit(execute(step, work, sys.argv[1:]))


def execute(
    step: str,
    work: Work,
    argv: Sequence[str],
    *,
    store: ObjectStore | None = None,
    clock: Clock | None = None,
) -> int:
    """Run a step and return its exit code; a failure's last line is a ``StepFailure``.

    Args:
        step: Name of the step.
        work: What it does.
        argv: Command line, as ``StepCall.argv`` writes it after the module.
        store: Object store; opened where none is given.
        clock: Clock of the result.
    """
    log = logs.get(f"include.steps.{step}")
    try:
        arguments = parse(argv)
        run, task = os.environ.get("AIRWORTHY_RUN", ""), os.environ.get("AIRWORTHY_TASK", "")
        logs.bind(run=run, task=task, step=step, key=digest.short(arguments.key))
        result = _result(step, work, arguments, (store or open_store(), clock or SystemClock()))
    except Exception as error:  # the border of the process: nothing may pass without its last line
        code = next((code for kind, code in _EXITS if isinstance(error, kind)), CRASH)
        if code == CRASH:
            log.exception("step_crashed")
        print(failure(error).model_dump_json(), flush=True)
        return int(code)
    return int(ExitCode.REJECTED if result.outcome == REJECTED else ExitCode.DONE)


def failure(error: BaseException) -> StepFailure:
    """Return an error as the last line that a failing step prints."""
    name = type(error).__name__
    if not isinstance(error, AirworthyError):
        return StepFailure(error=name, what=str(error) or name)
    value = "" if error.value is None else str(error.value)
    return StepFailure(
        error=name, what=error.what, where=error.where, value=value, remedy=error.remedy
    )


def _result(
    step: str, work: Work, arguments: StepArguments, outside: tuple[ObjectStore, Clock]
) -> StepResult:
    store, _ = outside
    log = logs.get(f"include.steps.{step}")
    earlier = _earlier(store, arguments.output)
    if earlier is not None and not arguments.recompute:
        log.info("step_reused", outcome=earlier.outcome, message=earlier.message)
        return earlier
    with tempfile.TemporaryDirectory(prefix=f"airworthy-{step}-") as name:
        scratch = Path(name)
        context = _context(arguments, store, scratch)
        _check_key(step, arguments, context)
        logs.bind(model=context.spec.model)
        log.info("step_started", options=dict(context.options))
        if earlier is not None:
            # The first result stays as it is: what is computed again goes where nobody reads it.
            context = replace(context, output=f"file://{scratch}/again")
        result = _compute(step, work, context, outside)
    if earlier is None:
        store.write(arguments.output, result.model_dump_json().encode())
    else:
        _compare(earlier, result, arguments.output)
    event = "step_done" if earlier is None else "step_reproduced"
    log.info(event, outcome=result.outcome, message=result.message, seconds=result.seconds)
    return result


def _earlier(store: ObjectStore, uri: str) -> StepResult | None:
    try:
        return read_result(store, uri)
    except ObjectMissing:
        return None


def _context(arguments: StepArguments, store: ObjectStore, scratch: Path) -> StepContext:
    return StepContext(
        compiled=compiled.from_bytes(store.read(arguments.spec), arguments.spec),
        store=store,
        root=arguments.store.rstrip("/"),
        key=arguments.key,
        output=arguments.output.rpartition("/")[0],
        scratch=scratch,
        inputs={name: read_result(store, uri) for name, uri in arguments.inputs},
        options=dict(arguments.options),
    )


def _check_key(step: str, arguments: StepArguments, context: StepContext) -> None:
    """Refuse a key that was made of other code, spec, inputs or options than are here."""
    call = StepCall(
        step=step,
        store=context.root,
        spec_uri=arguments.spec,
        spec_digest=context.compiled.digest,
        code_digest=code_digest(),
        inputs=tuple(
            StepInput(name, uri, context.inputs[name].identity) for name, uri in arguments.inputs
        ),
        options=arguments.options,
    )
    if call.key != arguments.key:
        what = "the step's key is not made of the code, spec, inputs and options that are here"
        remedy = "Start the step again; both environments need the same release of Airworthy"
        value = digest.short(arguments.key)
        raise InfrastructureError(what, where=f"step {step}", value=value, remedy=remedy)


def _compute(
    step: str, work: Work, context: StepContext, outside: tuple[ObjectStore, Clock]
) -> StepResult:
    started_at, began = outside[1].now(), time.perf_counter()
    try:
        with filling(str(context.scratch)):
            done = work(context)
    except Rejected as rejection:
        done = StepOutcome(outcome=REJECTED, message=str(rejection), verdict=Verdict.FAIL)
    return StepResult(
        step=step,
        key=context.key,
        outcome=done.outcome,
        verdict=done.verdict,
        message=done.message,
        artifacts=done.artifacts,
        metrics=done.metrics,
        truncated=done.truncated,
        spec_digest=context.compiled.digest,
        code_digest=code_digest(),
        started_at=started_at.isoformat(timespec="milliseconds"),
        seconds=round(time.perf_counter() - began, 3),
        peak_memory_bytes=peak_memory_bytes(),
    )


def _compare(first: StepResult, again: StepResult, uri: str) -> None:
    if first.identity == again.identity:
        return
    value = f"first {digest.short(first.identity)}, again {digest.short(again.identity)}"
    names = {artifact.name for artifact in (*first.artifacts, *again.artifacts)}
    shas = [{a.name: a.sha256 for a in result.artifacts} for result in (first, again)]
    changed = sorted(name for name in names if shas[0].get(name) != shas[1].get(name))
    what = f"computed again, the step gives something else ({', '.join(changed) or 'outcome'})"
    raise BadInput(what, where=uri, value=value, remedy="The first result stays; find what differs")
