"""What a model server lets through before any of it is parsed.

Only the routes of prediction, health and metrics exist; a body is JSON and of limited size; the
version in a path must be the one that is served. Everything else is answered here, in the error
form of the Open Inference Protocol: ``{"error": text}``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 4 * 1024 * 1024
_READ = re.compile(
    r"/|/metrics|/v1/models|/v1/models/[^/:]+|/v2|/v2/health/(live|ready)|/v2/models(/[^/]+(/ready)?)?"
)
_ASK = re.compile(r"/v1/models/[^/:]+:predict|/v2/models/[^/]+/infer")
_VERSIONED = re.compile(r"(/v2/models/[^/]+)/versions/([^/]+)(/.*)?")
_REFUSED_HEADERS = frozenset({
    b"inference-header-content-length",
    b"ce-specversion",
    b"content-encoding",
})


def is_prediction(path: str) -> bool:
    """Say whether a path asks for predictions, whatever version it names."""
    match = _VERSIONED.fullmatch(path)
    return _ASK.fullmatch(match[1] + (match[3] or "") if match else path) is not None


@dataclass(frozen=True)
class Refusal:
    """An answer given in place of the application's."""

    status: int
    error: str


class Guard:
    """ASGI middleware in front of a model server."""

    def __init__(self, app: ASGIApp, *, version: str) -> None:
        self.app = app
        self.version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope, refusal = self._routed(scope)
        refusal = refusal or _head(scope)
        if refusal is None and scope["method"] == "POST":
            body = await _body(receive)
            if isinstance(body, Refusal):
                refusal = body
            else:
                receive = _replay(body, receive)
        if refusal is not None:
            await _refuse(refusal, send)
            return
        await self.app(scope, receive, send)

    def _routed(self, scope: Scope) -> tuple[Scope, Refusal | None]:
        """Take our own version out of a path; refuse another one."""
        match = _VERSIONED.fullmatch(scope["path"])
        if match is None:
            return scope, None
        if match[2] != self.version:
            return scope, Refusal(404, f"this server serves version {self.version} only")
        path = match[1] + (match[3] or "")
        return {**scope, "path": path, "raw_path": path.encode()}, None


def _head(scope: Scope) -> Refusal | None:
    path, method = scope["path"], scope["method"]
    if _ASK.fullmatch(path):
        if method != "POST":
            return Refusal(405, "send predictions with POST")
        return _headers(dict(scope["headers"]))
    if not _READ.fullmatch(path):
        return Refusal(404, "no such route")
    return None if method in {"GET", "HEAD"} else Refusal(405, "this route is read with GET")


def _headers(headers: dict[bytes, bytes]) -> Refusal | None:
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if kind != b"application/json":
        return Refusal(415, "send JSON, with the header Content-Type: application/json")
    refused = next((name for name in _REFUSED_HEADERS if name in headers), None)
    if refused is not None:
        return Refusal(415, f"requests with {refused.decode()} are not read; send plain JSON")
    length = headers.get(b"content-length", b"0")
    return _too_large() if length.isdigit() and int(length) > MAX_BODY else None


async def _body(receive: Receive) -> bytes | Refusal:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return Refusal(400, "the request ended early")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            return _too_large()
        if not message.get("more_body", False):
            return _json_object(b"".join(parts))


def _json_object(body: bytes) -> bytes | Refusal:
    """Refuse what is not even the beginning of a JSON object; parsing is left to who needs it."""
    if not body.lstrip(b" \t\r\n").startswith(b"{"):
        return Refusal(400, "the body is not a JSON object")
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    pending = [body]

    async def replayed() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return replayed


async def _refuse(refusal: Refusal, send: Send) -> None:
    body = json.dumps({"error": refusal.error}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if refusal.status == 413:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _too_large() -> Refusal:
    return Refusal(413, f"the request is larger than {MAX_BODY} bytes; send fewer rows")
