"""The door for prediction traffic: the Open Inference Protocol v2 over HTTP.

A plain ASGI application, because a framework would cost more than the models behind it.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from include import logs
from include.errors import AirworthyError
from include.serving import faults, intake
from include.serving.faults import UnknownEndpoint
from include.serving.replying import Reply, send_reply
from include.serving.witness import Asked

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from include.serving.dispatch import Dispatcher
    from include.serving.measures import Measures
    from include.serving.outcomes import Outcomes
    from include.serving.witness import Predicted

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_JSON = (b"content-type", b"application/json")


class Router:
    """``/v2``, ``/outcomes`` and ``/metrics``.

    Args:
        dispatcher: Who gets the answers.
        measures: What is counted.
        limit: Largest body, in bytes.
        outcomes: Who takes labels.
    """

    def __init__(
        self, dispatcher: Dispatcher, measures: Measures, limit: int, outcomes: Outcomes
    ) -> None:
        self._dispatcher, self._measures, self._limit = dispatcher, measures, limit
        self._outcomes = outcomes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            reply = await self._answer(scope, receive)
        except intake.ClientGone:
            return
        except AirworthyError as error:
            reply = self._refuse(scope, error)
        except Exception:  # the border: one bad request must not end the router
            logs.get("router").exception("request_failed", path=scope["path"])
            reply = self._refuse(scope, AirworthyError("an error inside the router"))
        await send_reply(reply, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        method, path = scope["method"], scope["path"].split("/")
        match method, path:
            case "POST", ["", "v2", "models", name, "infer"]:
                return await self._infer(name, scope, receive)
            case "POST", ["", "outcomes"]:
                return await self._outcomes.answer(scope, receive)
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
            value=f"{method} {scope['path'][:80]}",
            remedy="Predictions: POST /v2/models/<endpoint>/infer",
        )

    async def _infer(self, name: str, scope: Scope, receive: Receive) -> Reply:
        request_id = unit = b""
        for key, value in scope["headers"]:
            if key == b"x-request-id":
                request_id = value
            elif key == b"x-unit-id":
                unit = value
        request_id = request_id_of(request_id)
        body = await intake.body(scope, receive, self._limit)
        asked = Asked(name, body, request_id.decode(), unit.decode("latin-1"))
        scope["airworthy.request_id"] = request_id
        return _relay(await self._dispatcher.predict(asked), request_id)

    def _refuse(self, scope: Scope, error: AirworthyError) -> Reply:
        status = faults.status_of(error)
        self._measures.refused(status)
        given = scope.get("airworthy.request_id") or request_id_of(
            intake.header(scope, b"x-request-id")
        )
        headers = (*faults.headers_of(error), (b"x-request-id", given))
        body = faults.problem_of(error, instance=scope["path"][:200])
        return Reply(status, headers, body, discard_rest=isinstance(error, faults.TooLarge))


def request_id_of(given: bytes) -> bytes:
    """Return the caller's request id if it is one, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16).encode()


def _relay(predicted: Predicted, request_id: bytes = b"") -> Reply:
    answer = predicted.answer
    headers = [
        (b"content-type", answer.content_type or b"application/json"),
        (b"x-airworthy-variant", predicted.variant.encode()),
        (b"x-airworthy-version", predicted.version.encode()),
        (b"x-airworthy-revision", b"%d" % predicted.asked.revision),
    ]
    if request_id:
        headers.append((b"x-request-id", request_id))
    return Reply(answer.status, tuple(headers), answer.body)
