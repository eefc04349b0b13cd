"""A prediction: which variant and replica answers, one retry, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from include.errors import AirworthyError, BadInput, ServingUnavailable
from include.serving.attempt import Target, attempt, nobody
from include.serving.faults import AnswerLost, UnknownEndpoint
from include.serving.limits import Limits, Turnstile
from include.serving.mirror import Mirror
from include.serving.upstream import Unanswered
from include.serving.witness import Asked, Predicted

if TYPE_CHECKING:
    from include.serving.fleet import Fleet
    from include.serving.hosted import HostedEndpoint
    from include.serving.timings import Timings
    from include.serving.witness import Witness

_JSON = msgspec.json.Decoder(msgspec.Raw)


class Dispatcher:
    """Sends requests to replicas.

    Args:
        fleet: The endpoints.
        timings: How long an answer may take.
        witnesses: Who is told of every request.
        limits: How much one endpoint may be asked; the dark path is not limited.
    """

    def __init__(
        self,
        fleet: Fleet,
        timings: Timings,
        witnesses: tuple[Witness, ...] = (),
        limits: Limits | None = None,
    ) -> None:
        self._fleet, self._seconds, self._witnesses = fleet, timings.answer_within, witnesses
        self._limits = limits or Limits()
        self._turnstiles: dict[str, Turnstile] = {}
        self._mirror = Mirror(timings.mirror_within, witnesses)

    async def predict(self, asked: Asked) -> Predicted:
        """Return the answer to a request.

        A request whose server went away is sent once more, to another replica of the variant or,
        where there is none, to another variant: predictions change nothing, so that is safe.

        Raises:
            BadInput: the body is not JSON, or no such endpoint or variant (`UnknownEndpoint`).
            TooBusy, TooManyRequests: the endpoint is asked more than its limits allow.
            NoVariantReady: nobody can answer at the moment.
            AnsweredLate: no answer in time.
            AnswerLost: two model servers went away, one after the other.
        """
        hosted = self._hosted(asked.endpoint)
        _check_json(asked.body)
        wanted = hosted.wanted
        asked = replace(asked, revision=wanted.revision, token=wanted.fencing_token)
        if asked.variant:
            return await self._answer(hosted, self._first(hosted, asked), asked)
        turnstile = self._enter(asked)
        try:
            return await self._route(hosted, asked)
        finally:
            turnstile.leave()

    async def _route(self, hosted: HostedEndpoint, asked: Asked) -> Predicted:
        first = self._first(hosted, asked)
        # Whose turn it is to be copied is decided under the same revision as who answers.
        shadows = hosted.shadows(asked.unit)
        try:
            visible = await self._answer(hosted, first, asked)
        except ServingUnavailable:
            self._mirror.reflect(shadows, asked, None)
            raise
        self._mirror.reflect(shadows, asked, visible)
        return visible

    async def describe(self, endpoint: str) -> Predicted:
        """Return the metadata of the model with the largest share.

        Raises: as `predict`.
        """
        hosted = self._hosted(endpoint)
        target = self._target(hosted, hosted.foremost())
        if target is None or target.replica is None or target.replica.upstream is None:
            raise nobody(endpoint)
        try:
            answer = await target.replica.upstream.get(f"/v2/models/{endpoint}", self._seconds)
        except (Unanswered, TimeoutError) as lost:
            raise AnswerLost("the model server did not answer", where=endpoint) from lost
        asked = Asked(endpoint, b"", "", revision=hosted.wanted.revision)
        return Predicted(asked, answer, target.variant, target.version, 0.0)

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

    def _enter(self, asked: Asked) -> Turnstile:
        turnstile = self._turnstiles.get(asked.endpoint)
        if turnstile is None:
            turnstile = self._turnstiles[asked.endpoint] = Turnstile(self._limits)
        try:
            turnstile.enter(asked.endpoint)
        except AirworthyError as refused:
            self._tell_failed(asked, "", "", refused)
            raise
        return turnstile

    def _first(self, hosted: HostedEndpoint, asked: Asked) -> Target:
        if asked.variant:
            dark = hosted.newest(asked.variant)
            if dark is None:
                name = asked.variant[:80]
                raise UnknownEndpoint("no such variant", where=asked.endpoint, value=name)
            return Target(asked.variant, dark, dark.pick())
        target = self._target(hosted, hosted.choose(asked.unit))
        if target is None:
            error = nobody(asked.endpoint)
            self._tell_failed(asked, "", "", error)
            raise error
        return target

    @staticmethod
    def _target(hosted: HostedEndpoint, name: str | None) -> Target | None:
        deployment = hosted.deployment(name) if name else None
        if name is None or deployment is None:
            return None
        return Target(name, deployment, deployment.pick())

    def _elsewhere(self, hosted: HostedEndpoint, first: Target) -> Target | None:
        return self._target(hosted, hosted.foremost(without=first.variant))

    async def _answer(self, hosted: HostedEndpoint, first: Target, asked: Asked) -> Predicted:
        try:
            return await self._ask(first, asked)
        except AnswerLost:
            pass
        second = Target(first.variant, first.deployment, first.deployment.pick(first.replica))
        if not asked.variant and (second.replica in {None, first.replica}):
            second = self._elsewhere(hosted, first) or second
        return await self._ask(second, replace(asked, retried=True))

    async def _ask(self, target: Target, asked: Asked) -> Predicted:
        try:
            predicted = await attempt(target, asked, self._seconds)
        except ServingUnavailable as error:
            self._tell_failed(asked, target.variant, target.version, error)
            raise
        for witness in self._witnesses:
            witness.answered(predicted)
        return predicted

    def _tell_failed(self, asked: Asked, variant: str, version: str, error: AirworthyError) -> None:
        for witness in self._witnesses:
            witness.failed(asked, variant, version, error)


def _check_json(body: bytes) -> None:
    try:
        _JSON.decode(body)
        body.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise BadInput(f"the body is not JSON: {broken}", remedy="Send an object") from broken
