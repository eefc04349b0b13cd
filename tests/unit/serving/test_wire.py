"""The router's own HTTP, byte by byte, over real sockets."""

from __future__ import annotations

import asyncio
import itertools
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.serving import wire
from include.serving.replying import Reply
from include.serving.wire import Request, Wire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from include.errors import AirworthyError

LIMIT = 1000
JSON = (b"content-type", b"application/json")


class Echo:
    """Answers with what it was asked; waits at ``/slow`` until it is let go."""

    def __init__(self) -> None:
        self.got: list[Request] = []
        self.go = asyncio.Event()

    async def answer(self, request: Request) -> Reply:
        self.got.append(request)
        if request.path == "/slow":
            await self.go.wait()
        times = 1 << 16 if request.path == "/big" else 1
        return Reply(200, (JSON,), request.path.encode() + b"|" + request.body * times)

    def refuse(self, request: Request, error: AirworthyError) -> Reply:
        return Reply(413 if "body" in error.what else 400, (JSON,), error.what.encode())


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self, *, body: bool = True) -> tuple[int, dict[str, str], bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        length = int(headers["content-length"]) if body else 0
        return int(head[0].split()[1]), headers, await self.reader.readexactly(length)

    async def is_over(self) -> bool:
        return await self.reader.read() == b""


def against(use: Callable[[Caller, Echo, Wire], Awaitable[None]]) -> None:
    async def run() -> None:
        echo = Echo()
        door = Wire(echo, LIMIT)
        listener = socket.create_server(("127.0.0.1", 0))
        await door.open(listener)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        try:
            async with asyncio.timeout(10):
                await use(Caller(reader, writer), echo, door)
        finally:
            writer.close()
            await door.close(0.2)
            await asyncio.sleep(0)
        assert not door.connections

    asyncio.run(run())


def post(path: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def test_requests_follow_each_other_on_one_connection() -> None:
    async def use(caller: Caller, echo: Echo, _: Wire) -> None:
        for number in range(3):
            caller.send(post(f"/{number}?query=1", b"body", "X-Unit-Id: u"))
            status, headers, body = await caller.answer()
            assert (status, body) == (200, f"/{number}|body".encode())
            assert headers["content-type"] == "application/json"
            assert headers["date"].endswith("GMT")
        assert echo.got[0].header(b"x-unit-id") == b"u"
        assert echo.got[0].header(b"x-none") == b""

    against(use)


def test_pipelined_requests_are_answered_in_order() -> None:
    async def use(caller: Caller, echo: Echo, _: Wire) -> None:
        caller.send(post("/slow", b"1") + b"".join(post(f"/{n}", b"x") for n in range(50)))
        await asyncio.sleep(0.05)
        assert [one.path for one in echo.got] == ["/slow"]
        echo.go.set()
        assert (await caller.answer())[2] == b"/slow|1"
        for number in range(50):
            assert (await caller.answer())[2] == f"/{number}|x".encode()
        caller.send(post("/more"))
        assert (await caller.answer())[2] == b"/more|"

    against(use)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(0, 160), max_size=6), st.binary(max_size=60))
def test_wherever_the_bytes_are_cut_the_request_is_the_same(cuts: list[int], body: bytes) -> None:
    async def use(caller: Caller, echo: Echo, _: Wire) -> None:
        data = post("/v2/models/loans/infer", body, "X-Request-Id: abc", "X-Unit-Id: 7")
        places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
        for begin, end in itertools.pairwise(places):
            caller.send(data[begin:end])
            await asyncio.sleep(0)
        assert (await caller.answer())[2] == b"/v2/models/loans/infer|" + body
        (got,) = echo.got
        assert (got.method, got.body, got.header(b"x-request-id")) == ("POST", body, b"abc")

    against(use)


def test_a_body_in_chunks() -> None:
    async def use(caller: Caller, *_: object) -> None:
        caller.send(b"POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        caller.send(b"3\r\nabc\r\n2\r\nde\r\n0\r\nx-unit-id: not-a-header\r\n\r\n")
        assert (await caller.answer())[2] == b"/c|abcde"

    against(use)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_above_the_limit_is_refused_though_the_caller_writes_on(chunked: bool) -> None:
    async def use(caller: Caller, echo: Echo, _: Wire) -> None:
        if chunked:
            caller.send(b"POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            caller.send(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
        else:
            caller.send(post("/c", b"x" * (LIMIT + 1)))
        caller.send(b"y" * 200_000)
        status, headers, _ = await caller.answer()
        assert (status, headers["connection"]) == (413, "close")
        assert echo.got == []

    against(use)


def test_a_body_at_the_limit_is_taken() -> None:
    async def use(caller: Caller, *_: object) -> None:
        caller.send(post("/c", b"x" * LIMIT))
        assert (await caller.answer())[0] == 200

    against(use)


def test_a_refusal_waits_for_the_answers_before_it() -> None:
    async def use(caller: Caller, echo: Echo, _: Wire) -> None:
        caller.send(post("/slow", b"1") + post("/c", b"x" * (LIMIT + 1)))
        await asyncio.sleep(0.05)
        echo.go.set()
        assert (await caller.answer())[0] == 200
        assert (await caller.answer())[0] == 413

    against(use)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"hello\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\nx: " + b"y" * (1 << 20),
    ],
    ids=lambda one: repr(one[:40]),
)
def test_what_is_not_http_gets_one_answer(garbage: bytes) -> None:
    async def use(caller: Caller, echo: Echo, _: Wire) -> None:
        caller.send(garbage)
        status, headers, _ = await caller.answer()
        assert (status, headers["connection"]) == (400, "close")
        caller.send(post("/after"))
        await asyncio.sleep(0.02)
        assert echo.got == []

    against(use)


def test_close_old_versions_and_upgrades_end_the_connection() -> None:
    def one_then_over(data: bytes) -> None:
        async def use(caller: Caller, *_: object) -> None:
            caller.send(data)
            status, headers, _ = await caller.answer()
            assert (status, headers["connection"]) == (200, "close")
            assert await caller.is_over()

        against(use)

    one_then_over(post("/a", b"", "Connection: close"))
    one_then_over(b"GET /a HTTP/1.0\r\n\r\n")
    one_then_over(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")


def test_expect_and_head() -> None:
    async def use(caller: Caller, *_: object) -> None:
        caller.send(b"POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n")
        caller.send(b"Expect: 100-continue\r\n\r\n")
        assert await caller.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        caller.send(b"x")
        assert (await caller.answer())[2] == b"/e|x"
        caller.send(b"HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await caller.answer(body=False))[1]["content-length"] == "3"
        caller.send(post("/next"))
        assert (await caller.answer())[2] == b"/next|"

    against(use)


def test_closing_lets_the_answer_out_and_hangs_up_on_the_idle() -> None:
    async def use(caller: Caller, echo: Echo, door: Wire) -> None:
        caller.send(post("/slow", b"1"))
        await asyncio.sleep(0.05)
        closing = asyncio.create_task(door.close(5))
        await asyncio.sleep(0.05)
        assert not closing.done()
        echo.go.set()
        status, headers, body = await caller.answer()
        assert (status, headers["connection"], body) == (200, "close", b"/slow|1")
        await closing
        assert await caller.is_over()

    against(use)


def test_closing_does_not_wait_for_ever() -> None:
    async def use(caller: Caller, _: Echo, door: Wire) -> None:
        caller.send(post("/slow", b"1"))
        await asyncio.sleep(0.05)
        await door.close(0.1)
        assert await caller.is_over()

    against(use)


@pytest.mark.parametrize("sent", [b"", b"POST / HT", post("/c", b"x" * 10)[:-1]])
def test_whoever_says_nothing_for_long_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    for name in ("_IDLE_SECONDS", "_READ_SECONDS", "_LOOK_SECONDS"):
        monkeypatch.setattr(wire, name, 0.05)

    async def use(caller: Caller, *_: object) -> None:
        caller.send(sent)
        assert await caller.is_over()

    against(use)


def test_a_slow_reader_holds_up_only_itself() -> None:
    async def use(caller: Caller, echo: Echo, _: Wire) -> None:
        caller.send(post("/big", b"x") * 400)
        await asyncio.sleep(0.3)
        assert 0 < len(echo.got) < 400
        for _ in range(400):
            assert len((await caller.answer())[2]) > 1 << 16

    against(use)


def test_a_caller_that_goes_away_leaves_nothing_behind() -> None:
    async def use(caller: Caller, echo: Echo, door: Wire) -> None:
        caller.send(post("/slow", b"1"))
        await asyncio.sleep(0.05)
        caller.writer.transport.abort()
        await asyncio.sleep(0.05)
        assert not door.connections
        echo.go.set()
        await asyncio.sleep(0.05)

    against(use)
