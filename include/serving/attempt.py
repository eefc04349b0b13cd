"""One request sent to one replica of a variant."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.serving.faults import AnsweredLate, AnswerLost, NoVariantReady
from include.serving.upstream import Unanswered
from include.serving.witness import Predicted

if TYPE_CHECKING:
    from include.serving.deployment import Deployment
    from include.serving.replica import Replica
    from include.serving.witness import Asked

_CALLER, _SERVER = 400, 500


@dataclass(frozen=True)
class Target:
    """Who is to answer: a replica of the deployment behind a variant; None where none is ready."""

    variant: str
    deployment: Deployment
    replica: Replica | None

    @property
    def version(self) -> str:
        """The model version behind it."""
        return self.deployment.build.version


async def attempt(target: Target, asked: Asked, seconds: float) -> Predicted:
    """Return the target's answer, whatever its status.

    Args:
        target: Who is asked.
        asked: The request.
        seconds: Longest wait for the whole answer.

    Raises:
        NoVariantReady: the target has no replica.
        AnsweredLate: no answer in time.
        AnswerLost: the model server went away; its supervision looks at it now.
    """
    replica = target.replica
    if replica is None:
        raise nobody(asked.endpoint)
    upstream = replica.upstream
    if upstream is None:
        raise _lost(asked)
    replica.in_flight += 1
    started = time.perf_counter()
    try:
        path = f"/v2/models/{asked.endpoint}/infer"
        answer = await upstream.post(path, asked.body, asked.request_id, seconds)
    except Unanswered as gone:
        replica.suspect()
        replica.streak.failed(str(gone))
        raise _lost(asked) from gone
    except TimeoutError as late:
        replica.streak.failed(f"no answer within {seconds:g} s")
        raise _late(asked, replica.name, seconds) from late
    finally:
        replica.in_flight -= 1
    took = time.perf_counter() - started
    predicted = Predicted(asked, answer, target.variant, target.version, took, upstream.posts)
    replica.streak.note(_failure(predicted))
    return predicted


def _failure(predicted: Predicted) -> str:
    status = predicted.answer.status
    if status >= _SERVER:
        return f"status {status}"
    if status < _CALLER and predicted.said is None:
        return "the answer has no predictions of the protocol"
    return ""


def nobody(endpoint: str) -> NoVariantReady:
    """Return the error that says that nobody can answer."""
    return NoVariantReady(
        "no variant with a weight is ready",
        where=endpoint,
        remedy=f"`airworthy endpoint status {endpoint}` says why; ask again",
    )


def _late(asked: Asked, replica: str, seconds: float) -> AnsweredLate:
    return AnsweredLate(
        f"no answer within {seconds:g} s",
        where=asked.endpoint,
        value=asked.request_id,
        remedy=f"See the log of {replica}",
    )


def _lost(asked: Asked) -> AnswerLost:
    return AnswerLost(
        "the model server went away before it answered",
        where=asked.endpoint,
        value=asked.request_id,
        remedy="Ask again; it is being started again",
    )
