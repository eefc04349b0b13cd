"""What the end of a pod means for its task: a step's ending, or an error that says what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from include.errors import BadInput, InfrastructureError, ObjectMissing, StepCrashed
from include.pods.ending import Cause, PodEnding
from include.steps import call as calls
from include.steps.contract import ExitCode
from operators.runtimes.protocol import StepEnding
from operators.runtimes.speech import failure_said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.errors import AirworthyError
    from include.store.objects import ObjectStore

REJECTED = "rejected"
SIGNALLED = 128
TAIL_LINES = 8


@dataclass(frozen=True)
class PodEnded:
    """What the trigger tells the task.

    Attributes:
        end: How the pod ended.
        pod: Its name.
        output: URI of the step's result.
        key: Key of the step's call.
        memory: Memory that the pod had.
        more_memory: Memory that the step gets once more if that was too little; else nothing.
    """

    end: PodEnding
    pod: str
    output: str
    key: str
    memory: str
    more_memory: str

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON primitives."""
        return {**asdict(self), "end": self.end.to_json()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what ``to_json`` wrote."""
        return cls(**{**values, "end": PodEnding.from_json(values["end"])})

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the step was killed because it wanted more memory than it had."""
        return self.end.cause is Cause.MEMORY


def step_ending(step: str, ended: PodEnded, store: ObjectStore) -> StepEnding:
    """Return how the step ended.

    A result that lies in the store counts, whatever became of the pod that wrote it.

    Raises:
        BadInput: trying again cannot help.
        StepCrashed: the step was ended from outside; it goes on where it was in the next try.
        InfrastructureError: it never began, or nobody could say how it ended.
        StoreUnavailable: the store did not answer.
    """
    end = ended.end
    if end.cause is Cause.EXITED and end.code in set(ExitCode):
        return StepEnding(end.code, None, _failure(end.message), _tail(end.message))
    done = _result(ended.output, store)
    if done is not None:
        return done
    if end.cause is Cause.EXITED:
        code = end.code or 0
        signal = code - SIGNALLED if code > SIGNALLED else None
        return StepEnding(code, signal, _failure(end.message), _tail(end.message))
    raise _error(f"step {step}, pod {ended.pod}", ended)


def _result(uri: str, store: ObjectStore) -> StepEnding | None:
    try:
        result = calls.read_result(store, uri)
    except ObjectMissing:
        return None
    return StepEnding(ExitCode.REJECTED if result.outcome == REJECTED else ExitCode.DONE)


def _failure(message: str) -> Any:
    said = (failure_said(line) for line in reversed(message.splitlines()))
    return next((failure for failure in said if failure is not None), None)


def _tail(message: str) -> str:
    return "\n".join(message.splitlines()[-TAIL_LINES:])


def _error(where: str, ended: PodEnded) -> AirworthyError:
    cause, message = ended.end.cause, ended.end.message or None
    if cause is Cause.MEMORY:
        return _memory(where, ended)
    if cause is Cause.UNFIT and "exec format error" in (message or ""):
        what = "the image is made for another processor than the node's"
        remedy = "Build it for the nodes' architecture, or choose nodes with `node_selector`"
        return BadInput(what, where=where, value=message, remedy=remedy)
    kind, what, remedy = _MEANINGS[cause]
    return kind(what, where=where, value=message, remedy=remedy)


def _memory(where: str, ended: PodEnded) -> AirworthyError:
    what = f"out of memory: it needs more than {ended.memory}"
    if ended.more_memory:
        remedy = f"It will be tried once more with {ended.more_memory}"
        return StepCrashed(what, where=where, remedy=remedy)
    remedy = "Give it more in the spec's `compute`; it was tried with more already"
    return BadInput(what, where=where, remedy=remedy)


_MEANINGS: dict[Cause, tuple[type[AirworthyError], str, str]] = {
    Cause.SCRATCH: (
        BadInput,
        "the step wrote more to its local disk than it may",
        "Give it more `scratch` in the spec's `compute`",
    ),
    Cause.DEADLINE: (
        StepCrashed,
        "the step took longer than its task may",
        "It goes on where it was in the next try; `training.timeout_minutes` limits a training",
    ),
    Cause.EVICTED: (
        StepCrashed,
        "the pod was taken from its node",
        "It will be tried again",
    ),
    Cause.GONE: (
        StepCrashed,
        "somebody removed the pod before it was done",
        "It will be tried again; who removes pods in this namespace?",
    ),
    Cause.PULL: (
        InfrastructureError,
        "the image cannot be pulled",
        "It will be tried again; check AIRWORTHY_STEPS_IMAGE and the registry",
    ),
    Cause.UNFIT: (
        BadInput,
        "the image cannot be started",
        "Check AIRWORTHY_STEPS_IMAGE: it must hold `python` and the steps",
    ),
    Cause.CONFIG: (
        BadInput,
        "the pod's container cannot be made",
        "Check AIRWORTHY_STORE_SECRET and the other settings of pods",
    ),
    Cause.STUCK: (
        InfrastructureError,
        "the pod did not begin in time",
        "It will be tried again; AIRWORTHY_POD_START_SECONDS says how long a pod may wait",
    ),
    Cause.UNREACHABLE: (
        InfrastructureError,
        "the API server has not answered for long",
        "The pod was left alone; the next try goes on with it",
    ),
}
