"""Kept connections to one model server: a small HTTP/1.1 client for a known, near server.

A general client costs several hundred microseconds of CPU a request (benchmarks in
``tests/soak/serving``); for one fixed address, bodies with a length and whole answers, a parser and
a list of idle connections are enough.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import cast

import httptools

_LARGEST_ANSWER = 16 << 20


class Unanswered(ConnectionError):
    """The server went away, or spoke something else than HTTP, before it had answered.

    Attributes:
        stale: The connection had been used before and nothing of an answer came: the server most
            likely closed it while idle, and another connection may well work.
    """

    def __init__(self, what: str, *, stale: bool = False) -> None:
        super().__init__(what)
        self.stale = stale


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    content_type: bytes
    body: bytes


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None
        self._chunks: list[bytes] = []
        self._size = 0
        self._content_type = b""
        self.usable = True
        self.used = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the connection was closed ({exc or 'by the server'})")

    def data_received(self, data: bytes) -> None:
        if self._waiting is None:
            self._fail("an answer that nobody asked for")
            return
        self._size += len(data)
        if self._size > _LARGEST_ANSWER:
            self._fail("the answer is too large")
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("the answer is not HTTP")

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._content_type = value

    def on_body(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        waiting, self._waiting = self._waiting, None
        if not self._parser.should_keep_alive():
            self.close()
        if waiting is not None and not waiting.done():
            waiting.set_result(Answer(status, self._content_type, b"".join(self._chunks)))

    async def exchange(self, request: bytes) -> Answer:
        if self._transport is None or not self.usable:
            raise Unanswered("the connection was closed", stale=True)
        self._chunks, self._size, self._content_type = [], 0, b""
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._waiting
        finally:
            self.used = True
            if self._waiting is not None:  # cut short: an answer may still come, to nobody
                self.close()

    def close(self) -> None:
        self.usable = False
        if self._transport is not None:
            self._transport.close()

    def _fail(self, why: str) -> None:
        stale = self.used and not self._size
        waiting, self._waiting = self._waiting, None
        self.close()
        if waiting is not None and not waiting.done():
            waiting.set_exception(Unanswered(why, stale=stale))


class Upstream:
    """Connections to one server on one port.

    Attributes:
        posts: Answers to requests so far; health checks are none.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._idle: list[_Connection] = []
        self._lines = f"Host: {host}:{port}\r\nAccept: application/json\r\n"
        self._closed = False
        self.posts = 0

    async def get(self, path: str, seconds: float) -> Answer:
        """Return the answer to a GET. Raises as ``post`` does."""
        return await self._send(f"GET {path} HTTP/1.1\r\n{self._lines}\r\n".encode(), seconds)

    async def post(self, path: str, body: bytes, request_id: str, seconds: float) -> Answer:
        """Return the answer to a POST of JSON.

        Args:
            path: Path, already quoted.
            body: The JSON.
            request_id: Goes along as ``X-Request-Id``.
            seconds: Longest wait for the whole answer.

        Raises:
            Unanswered: the server went away before it answered.
            TimeoutError: no answer in time.
        """
        head = (
            f"POST {path} HTTP/1.1\r\n{self._lines}Content-Type: application/json\r\n"
            f"X-Request-Id: {request_id}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        answer = await self._send(head.encode() + body, seconds)
        self.posts += 1
        return answer

    def close(self) -> None:
        """Close the idle connections; those in use close when their request is done."""
        self._closed = True
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    async def _send(self, request: bytes, seconds: float) -> Answer:
        async with asyncio.timeout(seconds):
            try:
                return await self._once(request)
            except Unanswered as lost:
                if not lost.stale:
                    raise
                self.forget()
                return await self._once(request)

    def forget(self) -> None:
        """Close the idle connections, so that the next request opens a new one."""
        while self._idle:
            self._idle.pop().close()

    async def _once(self, request: bytes) -> Answer:
        connection = await self._connection()
        answer = await connection.exchange(request)
        if connection.usable and not self._closed:
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    async def _connection(self) -> _Connection:
        while self._idle:
            if (connection := self._idle.pop()).usable:
                return connection
        loop = asyncio.get_running_loop()
        try:
            _, fresh = await loop.create_connection(_Connection, self._host, self._port)
        except OSError as refused:
            raise Unanswered(f"no connection: {refused}") from refused
        return fresh
