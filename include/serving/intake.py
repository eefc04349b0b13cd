"""Request bodies with a limit: a body that is too large is refused without being kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.serving.faults import TooLarge

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

# A client that is cut off while it still writes sees a broken connection instead of the answer;
# so much of a refused body is read and thrown away.
_DISCARDED = 32 << 20


class ClientGone(Exception):
    """The caller hung up before the body was there; nobody waits for an answer."""


def header(scope: Scope, name: bytes) -> bytes:
    """Return the first header of that (lower-case) name, or nothing."""
    return next((value for key, value in scope["headers"] if key == name), b"")


async def body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Return the body.

    Raises:
        TooLarge: it has more than ``limit`` bytes; the rest was not read.
        ClientGone: the caller hung up.
    """
    declared = header(scope, b"content-length")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit, declared.decode())
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        chunk, more = await _next(receive)
        size += len(chunk)
        if size > limit:
            raise _too_large(limit, f"more than {limit}")
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def discard(receive: Receive) -> None:
    """Read the rest of a refused body, up to a bound, and keep nothing of it."""
    left, more = _DISCARDED, True
    while more and left > 0:
        try:
            chunk, more = await _next(receive)
        except ClientGone:
            return
        left -= len(chunk)


async def _next(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    return message.get("body", b""), message.get("more_body", False)


def _too_large(limit: int, value: str) -> TooLarge:
    return TooLarge(
        f"the body has more than {limit} bytes", value=value, remedy="Send fewer rows a request"
    )
