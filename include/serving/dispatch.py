"""A prediction: which variant and replica answers, one retry, and what is said about it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from include.errors import AirworthyError, BadInput
from include.serving.faults import AnsweredLate, AnswerLost, NoVariantReady, UnknownEndpoint
from include.serving.upstream import Unanswered
from include.serving.witness import Asked, Predicted

if TYPE_CHECKING:
    from include.serving.deployment import Deployment
    from include.serving.fleet import Fleet
    from include.serving.hosted import HostedEndpoint
    from include.serving.replica import Replica
    from include.serving.upstream import Answer
    from include.serving.witness import Witness

_JSON = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True)
class _Target:
    variant: str
    deployment: Deployment
    replica: Replica | None


class Dispatcher:
    """Sends requests to replicas."""

    def __init__(self, fleet: Fleet, seconds: float, witnesses: tuple[Witness, ...] = ()) -> None:
        self._fleet, self._seconds, self._witnesses = fleet, seconds, witnesses

    async def predict(self, asked: Asked) -> Predicted:
        """Return the answer to a request.

        A request whose server went away is sent once more, to another replica of the variant or,
        where there is none, to another variant: predictions change nothing, so that is safe.

        Raises:
            BadInput: the body is not JSON, or no such endpoint or variant (`UnknownEndpoint`).
            NoVariantReady: nobody can answer at the moment.
            AnsweredLate: no answer in time.
            AnswerLost: two model servers went away, one after the other.
        """
        hosted = self._hosted(asked.endpoint)
        _check_json(asked.body)
        wanted = hosted.wanted
        asked = replace(asked, revision=wanted.revision, token=wanted.fencing_token)
        first = self._first(hosted, asked)
        try:
            return await self._ask(first, asked)
        except AnswerLost as lost:
            self._tell_failed(asked, first, lost)
        second = _Target(first.variant, first.deployment, first.deployment.pick(first.replica))
        if not asked.variant and (second.replica in {None, first.replica}):
            second = self._elsewhere(hosted, first) or second
        asked = replace(asked, retried=True)
        try:
            return await self._ask(second, asked)
        except AnswerLost as lost:
            self._tell_failed(asked, second, lost)
            raise

    async def describe(self, endpoint: str) -> Predicted:
        """Return the metadata of the model with the largest share.

        Raises: as `predict`.
        """
        hosted = self._hosted(endpoint)
        target = self._target(hosted, hosted.foremost())
        if target is None or target.replica is None or target.replica.upstream is None:
            raise _nobody(endpoint)
        try:
            answer = await target.replica.upstream.get(f"/v2/models/{endpoint}", self._seconds)
        except (Unanswered, TimeoutError) as lost:
            raise AnswerLost("the model server did not answer", where=endpoint) from lost
        asked = Asked(endpoint, b"", "")
        return Predicted(asked, answer, target.variant, target.deployment.build.version, 0.0)

    def ready(self, endpoint: str) -> bool:
        """Say whether a request to the endpoint would find somebody.

        Raises:
            UnknownEndpoint: no such endpoint.
        """
        return self._hosted(endpoint).foremost() is not None

    def _hosted(self, name: str) -> HostedEndpoint:
        hosted = self._fleet.find(name)
        if hosted is None:
            remedy = "`airworthy endpoint list` names those that are there"
            raise UnknownEndpoint("no such endpoint", value=name[:80], remedy=remedy)
        return hosted

    def _first(self, hosted: HostedEndpoint, asked: Asked) -> _Target:
        if asked.variant:
            dark = hosted.newest(asked.variant)
            if dark is None:
                name = asked.variant[:80]
                raise UnknownEndpoint("no such variant", where=asked.endpoint, value=name)
            return _Target(asked.variant, dark, dark.pick())
        target = self._target(hosted, hosted.choose(asked.unit))
        if target is None:
            error = _nobody(asked.endpoint)
            for witness in self._witnesses:
                witness.failed(asked, "", "", error)
            raise error
        return target

    @staticmethod
    def _target(hosted: HostedEndpoint, name: str | None) -> _Target | None:
        deployment = hosted.deployment(name) if name else None
        if name is None or deployment is None:
            return None
        return _Target(name, deployment, deployment.pick())

    def _elsewhere(self, hosted: HostedEndpoint, first: _Target) -> _Target | None:
        return self._target(hosted, hosted.foremost(without=first.variant))

    async def _ask(self, target: _Target, asked: Asked) -> Predicted:
        if target.replica is None:
            error = _nobody(asked.endpoint)
            self._tell_failed(asked, target, error)
            raise error
        started = time.perf_counter()
        try:
            answer, nth = await self._send(target.replica, asked)
        except AnsweredLate as late:
            self._tell_failed(asked, target, late)
            raise
        seconds = time.perf_counter() - started
        version = target.deployment.build.version
        predicted = Predicted(asked, answer, target.variant, version, seconds, nth)
        for witness in self._witnesses:
            witness.answered(predicted)
        return predicted

    def _tell_failed(self, asked: Asked, target: _Target, error: AirworthyError) -> None:
        for witness in self._witnesses:
            witness.failed(asked, target.variant, target.deployment.build.version, error)

    async def _send(self, replica: Replica, asked: Asked) -> tuple[Answer, int]:
        upstream = replica.upstream
        if upstream is None:
            raise _lost(asked)
        replica.in_flight += 1
        try:
            path = f"/v2/models/{asked.endpoint}/infer"
            answer = await upstream.post(path, asked.body, asked.request_id, self._seconds)
        except Unanswered as lost:
            replica.suspect()
            raise _lost(asked) from lost
        except TimeoutError as late:
            raise AnsweredLate(
                f"no answer within {self._seconds:g} s",
                where=asked.endpoint,
                value=asked.request_id,
                remedy=f"See the log of {replica.name}",
            ) from late
        finally:
            replica.in_flight -= 1
        return answer, upstream.posts


def _check_json(body: bytes) -> None:
    try:
        _JSON.decode(body)
        body.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise BadInput(f"the body is not JSON: {broken}", remedy="Send an object") from broken


def _lost(asked: Asked) -> AnswerLost:
    return AnswerLost(
        "the model server went away before it answered",
        where=asked.endpoint,
        value=asked.request_id,
        remedy="Ask again; it is being started again",
    )


def _nobody(endpoint: str) -> NoVariantReady:
    return NoVariantReady(
        "no variant with a weight is ready",
        where=endpoint,
        remedy=f"`airworthy endpoint status {endpoint}` says why; ask again",
    )
