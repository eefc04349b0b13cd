from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from include.serving.upstream import Unanswered, Upstream

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"Content-Length" in line), 0
    )
    return head + await reader.readexactly(length)


def against(talk: Talk, use: Callable[[Upstream], Awaitable[None]]) -> None:
    async def run() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        upstream = Upstream("127.0.0.1", server.sockets[0].getsockname()[1])
        async with asyncio.timeout(10):
            await use(upstream)
        upstream.close()
        server.close()

    asyncio.run(run())


class Counting:
    """Answers every request of a connection; counts connections; may close after each answer."""

    def __init__(self, answer: bytes = GOOD, *, requests: int = 1000) -> None:
        self.answer, self.requests = answer, requests
        self.connections = 0
        self.got: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            for _ in range(self.requests):
                self.got.append(await read_request(reader))
                writer.write(self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def test_one_connection_serves_many_requests() -> None:
    server = Counting()

    async def use(upstream: Upstream) -> None:
        for number in range(5):
            answer = await upstream.post("/v2/x", b'{"n": 1}', f"id-{number}", 1)
            assert (answer.status, answer.content_type, answer.body) == (
                200, b"application/json", b"{}",
            )  # fmt: skip

    against(server, use)
    assert server.connections == 1
    assert b"X-Request-Id: id-4" in server.got[4]
    assert server.got[4].endswith(b'{"n": 1}')


def test_parallel_requests_have_connections_of_their_own() -> None:
    server = Counting()

    async def use(upstream: Upstream) -> None:
        answers = await asyncio.gather(*(upstream.post("/", b"{}", "i", 1) for _ in range(10)))
        assert {answer.status for answer in answers} == {200}

    against(server, use)
    assert server.connections == 10


def test_a_connection_closed_while_idle_is_not_an_error() -> None:
    server = Counting(requests=1)

    async def use(upstream: Upstream) -> None:
        for _ in range(3):
            assert (await upstream.post("/", b"{}", "i", 1)).status == 200

    against(server, use)
    assert server.connections == 3


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}"],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_server_that_goes_away_in_the_middle(answer: bytes) -> None:
    async def use(upstream: Upstream) -> None:
        with pytest.raises(Unanswered, match="closed"):
            await upstream.post("/", b"{}", "i", 1)

    against(Counting(answer, requests=1), use)


def test_what_is_not_http() -> None:
    async def use(upstream: Upstream) -> None:
        with pytest.raises(Unanswered, match="not HTTP"):
            await upstream.post("/", b"{}", "i", 1)

    against(Counting(b"\x00\x01garbage\r\n\r\n"), use)


def test_a_slow_answer_is_late_and_its_connection_is_not_used_again() -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        if connections == 1:
            await asyncio.sleep(0.2)
        writer.write(GOOD)
        await writer.drain()
        writer.close()

    async def use(upstream: Upstream) -> None:
        with pytest.raises(TimeoutError):
            await upstream.post("/", b"{}", "i", 0.05)
        await asyncio.sleep(0.3)
        assert (await upstream.post("/", b"{}", "i", 1)).body == b"{}"

    against(talk, use)
    assert connections == 2


def test_chunks_are_put_together() -> None:
    head = b"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = head + b'2\r\n{"\r\n3\r\na":\r\n2\r\n1}\r\n0\r\n\r\n'

    async def use(upstream: Upstream) -> None:
        for _ in range(2):
            got = await upstream.get("/", 1)
            assert (got.status, got.body) == (201, b'{"a":1}')

    server = Counting(answer)
    against(server, use)
    assert server.connections == 1


def test_connection_close_is_respected() -> None:
    server = Counting(GOOD.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"))

    async def use(upstream: Upstream) -> None:
        for _ in range(2):
            assert (await upstream.get("/", 1)).status == 200

    against(server, use)
    assert server.connections == 2


def test_an_answer_without_end_is_cut() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"

    async def use(upstream: Upstream) -> None:
        with pytest.raises(Unanswered, match="too large"):
            await upstream.get("/", 5)

    against(Counting(head + b"x" * (17 << 20)), use)


def test_nobody_listens() -> None:
    async def run() -> None:
        with pytest.raises(Unanswered, match="no connection"):
            await Upstream("127.0.0.1", 1).get("/", 1)

    asyncio.run(run())
