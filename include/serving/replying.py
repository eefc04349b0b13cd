"""A whole answer and how it is sent over ASGI."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.serving import intake

if TYPE_CHECKING:
    from starlette.types import Receive, Send

_DISCARD_SECONDS = 10


@dataclass(frozen=True)
class Reply:
    """A whole answer.

    Attributes:
        status: HTTP status.
        headers: Without content-length.
        body: Its bytes.
        discard_rest: Whether the request's body was refused and has to be read away.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    discard_rest: bool = False


async def send_reply(reply: Reply, receive: Receive, send: Send) -> None:
    """Send an answer."""
    headers = [*reply.headers, (b"content-length", str(len(reply.body)).encode())]
    if reply.discard_rest:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply.discard_rest:
        # The answer goes out first; a caller that writes on before reading still gets it.
        await send({"type": "http.response.body", "body": reply.body, "more_body": True})
        try:
            async with asyncio.timeout(_DISCARD_SECONDS):
                await intake.discard(receive)
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.body", "body": reply.body})
