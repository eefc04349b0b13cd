"""Request id in and out, one log line a request, and no stack trace to the outside."""

from __future__ import annotations

import re
import time
from traceback import format_exc
from typing import TYPE_CHECKING

import structlog
from starlette.datastructures import MutableHeaders
from ulid import ULID

from include import logs
from plugins.airworthy.api.problems import of_status, response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"
REQUEST_ID = "airworthy.request_id"
PRINCIPAL = "airworthy.principal"
_ACCEPTED = re.compile(rb"[A-Za-z0-9_.-]{8,64}\Z")


class Journal:
    """ASGI middleware, outermost.

    Args:
        app: What it wraps.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = logs.get(__name__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the request an id, pass it on, and write what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope[REQUEST_ID] = request_id
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception:
                # The trace as text: a renderer could print local variables, and with them secrets.
                self._log.error("request_failed", path=scope["path"], trace=format_exc())
                if status:
                    raise
                await response(of_status(500, scope["path"]))(scope, receive, send_with_id)
            self._log.info("request", **_facts(scope, status, time.perf_counter() - began))


def _facts(scope: Scope, status: int, seconds: float) -> dict[str, str | int | float]:
    principal = scope.get(PRINCIPAL)
    return {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round(seconds * 1000, 1),
        "caller": principal.key if principal else "",
    }


def _request_id(scope: Scope) -> str:
    given = next((v for k, v in scope["headers"] if k == HEADER.encode()), b"")
    return given.decode() if _ACCEPTED.match(given) else str(ULID())
