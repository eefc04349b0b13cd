"""The door for prediction traffic: the Open Inference Protocol v2 over HTTP (`wire`)."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from include import logs
from include.errors import AirworthyError
from include.serving import faults
from include.serving.faults import UnknownEndpoint
from include.serving.replying import Reply
from include.serving.witness import Asked

if TYPE_CHECKING:
    from include.serving.dispatch import Dispatcher
    from include.serving.measures import Measures
    from include.serving.outcomes import Outcomes
    from include.serving.wire import Handler, Request
    from include.serving.witness import Predicted

_REQUEST_ID = b"x-request-id"
_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_JSON = (b"content-type", b"application/json")


class Router:
    """``/v2``, ``/outcomes`` and ``/metrics``.

    Args:
        dispatcher: Who gets the answers.
        measures: What is counted.
        outcomes: Who takes labels.
    """

    def __init__(self, dispatcher: Dispatcher, measures: Measures, outcomes: Outcomes) -> None:
        self._dispatcher, self._measures, self._outcomes = dispatcher, measures, outcomes

    async def answer(self, request: Request) -> Reply:
        """Return the answer to one request."""
        try:
            return await self._answer(request)
        except AirworthyError as error:
            return self.refuse(request, error)
        except Exception:  # the border: one bad request must not end the router
            logs.get("router").exception("request_failed", path=request.path)
            return self.refuse(request, AirworthyError("an error inside the router"))

    def refuse(self, request: Request, error: AirworthyError) -> Reply:
        """Return an error as the answer to a request, with the id that it got."""
        status = faults.status_of(error)
        self._measures.refused(status)
        given = request_id_of(request.header(_REQUEST_ID))
        headers = (*faults.headers_of(error), (_REQUEST_ID, given))
        return Reply(status, headers, faults.problem_of(error, instance=request.path[:200]))

    async def _answer(self, request: Request) -> Reply:
        match request.method, request.path.split("/"):
            case "POST", ["", "v2", "models", name, "infer"]:
                return await self._infer(name, request)
            case "POST", ["", "outcomes"]:
                return await self._outcomes.answer(request)
            case "GET", ["", "v2", "models", name]:
                return _relay(await self._dispatcher.describe(name))
            case "GET", ["", "v2", "models", name, "ready"]:
                return Reply(200 if self._dispatcher.ready(name) else 503, (_JSON,), b"")
            case "GET", ["", "v2", "health", ("live" | "ready") as word]:
                return Reply(200, (_JSON,), f'{{"{word}":true}}'.encode())
            case "GET", ["", "metrics"]:
                text = await self._measures.exposition()
                return Reply(200, ((b"content-type", self._measures.media_type),), text)
        raise UnknownEndpoint(
            "no such route",
            value=f"{request.method} {request.path[:80]}",
            remedy="Predictions: POST /v2/models/<endpoint>/infer",
        )

    async def _infer(self, name: str, request: Request) -> Reply:
        request_id = request_id_of(request.header(_REQUEST_ID))
        # A new id is part of the request from now on: an error must name the same one.
        request.headers.insert(0, (_REQUEST_ID, request_id))
        unit = request.header(b"x-unit-id").decode("latin-1")
        asked = Asked(name, request.body, request_id.decode(), unit)
        return _relay(await self._dispatcher.predict(asked), request_id)


def request_id_of(given: bytes) -> bytes:
    """Return the caller's request id if it is one, else a new one."""
    return given if _ID.fullmatch(given) else secrets.token_hex(16).encode()


def _relay(predicted: Predicted, request_id: bytes = b"") -> Reply:
    answer = predicted.answer
    headers = [
        (b"content-type", answer.content_type or b"application/json"),
        (b"x-airworthy-variant", predicted.variant.encode()),
        (b"x-airworthy-version", predicted.version.encode()),
        (b"x-airworthy-revision", b"%d" % predicted.asked.revision),
    ]
    if request_id:
        headers.append((_REQUEST_ID, request_id))
    return Reply(answer.status, tuple(headers), answer.body)


if TYPE_CHECKING:

    def _proof(router: Router) -> Handler:
        return router
