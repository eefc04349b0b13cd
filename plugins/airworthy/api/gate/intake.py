"""Bodies are JSON, whole, small and unambiguous, before anybody parses them into messages.

Refused: more than 1 MiB, another content type (a form of a foreign web page cannot send JSON
without asking first), twice the same key, NaN and infinities, integers that JSON readers disagree
on, NUL characters, which PostgreSQL cannot store, and nesting that breaks a parser.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from include.errors import BadInput
from plugins.airworthy.api.problems import NotJson, TooLarge, of_error, response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIMIT = 1024 * 1024
LARGEST_INTEGER = 2**53 - 1
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Intake:
    """ASGI middleware.

    Args:
        app: Reads the body again, from memory.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, look at it, and pass it on."""
        if scope["type"] != "http" or scope["method"] not in _WRITES:
            await self._app(scope, receive, send)
            return
        try:
            body = await _read(scope, receive)
            check(_header(scope, b"content-type"), body)
        except BadInput as refusal:
            await response(of_error(refusal, scope["path"]))(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


def check(content_type: str, body: bytes) -> None:
    """Let pass one unambiguous JSON document.

    Raises:
        NotJson: It is declared as something else.
        BadInput: It is not one.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise NotJson("not JSON", value=content_type[:80], remedy="Send application/json")
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_distinct,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_finite,
        )
        # Half a surrogate pair is a text in Python and in no database.
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as cause:
        told = str(cause).encode("ascii", "replace").decode()[:200]
        raise BadInput(f"no usable JSON: {told}", remedy="Send one RFC 8259 document") from cause
    if _has_nul(body):
        raise BadInput("NUL character in a string", remedy="Leave it out")


def _has_nul(body: bytes) -> bool:
    if b"\\u0000" not in body:
        return False
    # Doubled backslashes are characters of their own: \\u0000 spells no NUL.
    return b"\\u0000" in body.replace(b"\\\\", b"")


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST_INTEGER:
        raise ValueError("an integer beyond 2^53-1")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number too large")
    return number


async def _read(scope: Scope, receive: Receive) -> bytes:
    declared = _header(scope, b"content-length")
    if declared.isdigit() and int(declared) > LIMIT:
        raise _too_large()
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LIMIT:
            raise _too_large()
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large() -> TooLarge:
    return TooLarge("body too large", remedy=f"Send at most {LIMIT} bytes")


def _header(scope: Scope, name: bytes) -> str:
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), "")


def _replay(body: bytes, receive: Receive) -> Receive:
    is_given = False

    async def again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
