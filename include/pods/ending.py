"""How a pod ended, or why it never will: one look at what the API server describes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from include.pods.observed import DISRUPTED, SCHEDULED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.pods.observed import Pod, Terminated, Waiting

# kubelet tries a pull again after 10 and 20 s; what has not worked by then is worth saying.
PULL_SECONDS = 25.0
# A secret may be made a moment after the pod that names it.
CONFIG_SECONDS = 5.0
GOING_SECONDS = 90.0
TYPED = frozenset({0, 10, 20, 30})


class Cause(StrEnum):
    """Why a pod is over."""

    EXITED = "exited"
    MEMORY = "memory"
    SCRATCH = "scratch"
    DEADLINE = "deadline"
    EVICTED = "evicted"
    GONE = "gone"
    PULL = "pull"
    UNFIT = "unfit"
    CONFIG = "config"
    STUCK = "stuck"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class PodEnding:
    """How a pod ended.

    Attributes:
        cause: Why it is over.
        code: Exit code of the step, where it ran to an end.
        message: What Kubernetes, or the step at its end, said.
    """

    cause: Cause
    code: int | None = None
    message: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON primitives."""
        return {**asdict(self), "cause": str(self.cause)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the ending that ``to_json`` wrote."""
        return cls(Cause(values["cause"]), values["code"], values["message"])


@dataclass(frozen=True)
class Waited:
    """How long a pod has been watched, in which it has not begun.

    Attributes:
        seconds: Since the pod was first seen.
        limit: How long it may wait for a node, its image and its volumes.
        going_seconds: Since somebody was first seen to have asked for its removal.
    """

    seconds: float
    limit: float
    going_seconds: float = 0.0


def ending(pod: Pod, waited: Waited) -> PodEnding | None:
    """Return how a pod ended; None while it runs, or may still begin."""
    over = pod.state.terminated
    if over is not None:
        return _terminated(pod, over)
    if pod.status.phase in {"Failed", "Succeeded"}:
        return _without_container(pod)
    if pod.is_going:
        # Its node may be gone for good: then nobody will ever say that the container has ended.
        return _gone(pod) if waited.going_seconds > GOING_SECONDS else None
    if pod.status.phase == "Pending":
        return _pending(pod, waited)
    return None


def gone(last: Pod | None) -> PodEnding:
    """Return the ending of a pod that is no longer there, from the last look at it."""
    return _gone(last) if last is not None else PodEnding(Cause.GONE)


def _gone(pod: Pod) -> PodEnding:
    disrupted = pod.condition(DISRUPTED)
    if disrupted is not None:
        return PodEnding(Cause.EVICTED, message=_said(disrupted.reason, disrupted.message))
    return PodEnding(Cause.GONE)


def _terminated(pod: Pod, over: Terminated) -> PodEnding:
    message = over.message or ""
    if over.exit_code in TYPED:
        return PodEnding(Cause.EXITED, over.exit_code, message)
    if over.reason == "OOMKilled":
        return PodEnding(Cause.MEMORY, over.exit_code, message)
    if over.reason in {"StartError", "ContainerCannotRun"} or "exec format error" in message:
        return PodEnding(Cause.UNFIT, over.exit_code, message)
    if pod.status.phase == "Failed" and pod.status.reason:
        return _without_container(pod)
    if pod.is_going or pod.condition(DISRUPTED) is not None:
        return _gone(pod)
    return PodEnding(Cause.EXITED, over.exit_code, message)


def _without_container(pod: Pod) -> PodEnding:
    reason, message = pod.status.reason or "", pod.status.message or ""
    if reason == "DeadlineExceeded":
        return PodEnding(Cause.DEADLINE, message=message)
    if reason == "Evicted" and "exceeds the" in message:
        return PodEnding(Cause.SCRATCH, message=message)
    if pod.condition(DISRUPTED) is not None:
        return _gone(pod)
    return PodEnding(Cause.EVICTED, message=_said(reason or pod.status.phase, message))


def _pending(pod: Pod, waited: Waited) -> PodEnding | None:
    waiting = pod.state.waiting
    if waiting is not None and waiting.reason in _NEVER:
        return _stopped(_NEVER[waiting.reason], waiting)
    if waiting is not None and waiting.reason in _HARDLY:
        cause = _HARDLY[waiting.reason]
        patience = PULL_SECONDS if cause is Cause.PULL else CONFIG_SECONDS
        is_long = waited.seconds > min(patience, waited.limit)
        return _stopped(cause, waiting) if is_long else None
    if waited.seconds <= waited.limit:
        return None
    scheduled = pod.condition(SCHEDULED)
    if scheduled is not None and scheduled.status == "False":
        return PodEnding(Cause.STUCK, message=_said(scheduled.reason, scheduled.message))
    where = _said(waiting.reason, waiting.message) if waiting else "Pending"
    return PodEnding(Cause.STUCK, message=where)


_NEVER = {"InvalidImageName": Cause.UNFIT, "ErrImageNeverPull": Cause.UNFIT}
_HARDLY = {
    "ErrImagePull": Cause.PULL,
    "ImagePullBackOff": Cause.PULL,
    "RegistryUnavailable": Cause.PULL,
    "CreateContainerConfigError": Cause.CONFIG,
    "CreateContainerError": Cause.CONFIG,
    "RunContainerError": Cause.UNFIT,
}


def _stopped(cause: Cause, waiting: Waiting) -> PodEnding:
    return PodEnding(cause, message=_said(waiting.reason, waiting.message))


def _said(reason: str | None, message: str | None) -> str:
    return ": ".join(part for part in (reason, message) if part)
