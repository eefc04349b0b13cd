"""HTTP/1.1 for whole requests and whole answers, straight on the event loop.

The router's door. Whole bodies with a limit need little of what a general server does, and what it
does is paid for each prediction (``tests/soak/serving/test_router_cost.py`` measures the CPU).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol, cast

import httptools

from include.errors import BadInput
from include.serving.faults import TooLarge

if TYPE_CHECKING:
    import socket

    from include.errors import AirworthyError
    from include.serving.replying import Reply

_LARGEST_HEAD = 64 << 10
# A caller that is cut off while it still writes sees a broken connection instead of the answer;
# so much of a refused request is read and thrown away, for so long.
_DISCARDED, _DISCARD_SECONDS = 32 << 20, 10.0
_IDLE_SECONDS, _READ_SECONDS, _LOOK_SECONDS = 75.0, 60.0, 5.0
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LINES = {one.value: f"HTTP/1.1 {one.value} {one.phrase}\r\n".encode() for one in HTTPStatus}


@dataclass(slots=True)
class Request:
    """A whole request; header names are in lower case, and the path has no query."""

    method: str
    path: str
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""

    def header(self, name: bytes) -> bytes:
        """Return the first header of that (lower-case) name, or nothing."""
        return next((value for key, value in self.headers if key == name), b"")


class Handler(Protocol):
    """Who answers; neither method raises."""

    async def answer(self, request: Request) -> Reply:
        """Return the answer to a request."""

    def refuse(self, request: Request, error: AirworthyError) -> Reply:
        """Return the answer to a request that could not be read whole."""


class Wire:
    """Serves a handler on a listening socket.

    Args:
        handler: Who answers.
        limit: Largest body, in bytes.
    """

    def __init__(self, handler: Handler, limit: int) -> None:
        self.handler, self.limit = handler, limit
        self.closing = False
        self.connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._second, self._date = 0, b""

    async def open(self, listener: socket.socket) -> None:
        """Begin to serve."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), sock=listener)

    async def close(self, seconds: float) -> None:
        """Take no more requests, let those that are being answered finish, and hang up."""
        self.closing = True
        if self._server is not None:
            self._server.close()
        for connection in tuple(self.connections):
            connection.finish()
        deadline = time.monotonic() + seconds
        while self.connections and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        for connection in tuple(self.connections):
            connection.abort()

    def head(self, reply: Reply, *, last: bool) -> list[bytes]:
        """Return the parts of an answer's head."""
        now = int(time.time())
        if now != self._second:
            self._second = now
            self._date = b"date: " + formatdate(now, usegmt=True).encode() + b"\r\n"
        line = _LINES.get(reply.status) or f"HTTP/1.1 {reply.status} \r\n".encode()
        parts = [line, self._date]
        for name, value in reply.headers:
            parts += (name, b": ", value, b"\r\n")
        if last:
            parts.append(b"connection: close\r\n")
        parts.append(b"content-length: %d\r\n\r\n" % len(reply.body))
        return parts


@dataclass(slots=True)
class _Turn:
    request: Request
    last: bool
    error: AirworthyError | None = None


class _Connection(asyncio.Protocol):
    """Requests of one connection, answered one after the other."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self._loop = wire, asyncio.get_running_loop()
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._turns: deque[_Turn] = deque()
        self._task: asyncio.Task[None] | None = None
        self._look: asyncio.TimerHandle | None = None
        self._writable, self._paused, self._deaf = True, False, False
        self._since = self._loop.time()
        self._discarded = 0
        self._begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._wire.connections.add(self)
        self._look = self._loop.call_later(_LOOK_SECONDS, self._look_at_the_clock)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._wire.connections.discard(self)
        self._turns.clear()
        self._transport = self._parser = None  # the parser holds on to its callbacks
        if self._look is not None:
            self._look.cancel()

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._next()

    def data_received(self, data: bytes) -> None:
        if self._deaf or self._parser is None:
            self._discarded += len(data)
            if self._discarded > _DISCARDED:
                self.abort()
            return
        self._begun = False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._deaf = True  # it was answered as a request; what follows would be no HTTP
        except httptools.HttpParserError as broken:
            self._refuse(BadInput(f"this is not HTTP: {broken}", where="request"))
        if self._in_head and not self._begun:
            self._head_size += len(data)
            if self._head_size > _LARGEST_HEAD:
                self._refuse(BadInput("the headers are too large", where="request"))

    def on_message_begin(self) -> None:
        self._begin()
        self._begun = self._in_head = True
        self._since = self._loop.time()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._in_head, self._in_body = False, True
        for name, value in self._headers:
            if name == b"content-length" and value.isdigit() and int(value) > self._wire.limit:
                self._refuse_size(value.decode("latin-1"))
            elif name == b"expect" and value.lower() == b"100-continue" and self._is_quiet:
                self._write(_CONTINUE)

    def on_body(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._wire.limit:
            self._refuse_size(f"more than {self._wire.limit}")
        elif not self._deaf:
            self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        self._in_body = False
        if self._deaf or self._parser is None:
            return
        request = self._request()
        request.body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        last = self._parser.should_upgrade() or not self._parser.should_keep_alive()
        self._turns.append(_Turn(request, last=last))
        self._next()

    def finish(self) -> None:
        """Close once nobody waits for an answer any more."""
        if self._is_quiet:
            self.abort()

    def abort(self) -> None:
        """Close now."""
        if self._transport is not None:
            self._transport.close()

    @property
    def _is_quiet(self) -> bool:
        return self._task is None and not self._turns

    def _begin(self) -> None:
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self._size = self._head_size = 0
        self._in_head = self._in_body = False

    def _request(self) -> Request:
        method = self._parser.get_method().decode("latin-1") if self._parser else ""
        path = self._url.decode("latin-1").partition("?")[0]
        return Request(method, path, self._headers)

    def _refuse_size(self, value: str) -> None:
        what = f"the body has more than {self._wire.limit} bytes"
        self._refuse(TooLarge(what, value=value, remedy="Send fewer rows a request"))

    def _refuse(self, error: AirworthyError) -> None:
        if not self._deaf:
            self._deaf = True
            self._turns.append(_Turn(self._request(), last=True, error=error))
            self._next()

    def _next(self) -> None:
        """Answer the next request, if it is its turn; read on only if none is waiting."""
        if self._transport is None:
            return
        if self._task is None and self._turns and self._writable:
            self._task = self._loop.create_task(self._answer(self._turns.popleft()))
        if (full := bool(self._turns) and not self._deaf) != self._paused:
            self._paused = full
            (self._transport.pause_reading if full else self._transport.resume_reading)()

    async def _answer(self, turn: _Turn) -> None:
        handler = self._wire.handler
        if turn.error is not None:
            reply = handler.refuse(turn.request, turn.error)
        else:
            reply = await handler.answer(turn.request)
        last = turn.last or self._wire.closing
        parts = self._wire.head(reply, last=last)
        if turn.request.method != "HEAD":
            parts.append(reply.body)
        self._write(b"".join(parts))
        self._task, self._since = None, self._loop.time()
        if turn.error is not None:
            self._loop.call_later(_DISCARD_SECONDS, self.abort)
        elif last:
            self.abort()
        else:
            self._next()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _look_at_the_clock(self) -> None:
        """Hang up on whoever says nothing for long, or takes long to say it."""
        waited = self._loop.time() - self._since
        patience = _READ_SECONDS if self._in_head or self._in_body else _IDLE_SECONDS
        if self._task is None and waited > patience:
            self.abort()
            return
        self._look = self._loop.call_later(_LOOK_SECONDS, self._look_at_the_clock)
