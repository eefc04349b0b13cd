"""A model server that is up in a moment and misbehaves on request.

``FAKE_CONTROL`` names a folder; ``<version>.json`` in it says how the server of that version does
(see `Behaviour`), and is read again whenever it changes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Behaviour:
    start_seconds: float = 0.0
    crash_at_start: bool = False
    never_ready: bool = False
    hang: bool = False
    ignore_sigterm: bool = False
    answer_seconds: float = 0.0
    garbage: bool = False
    status: int = 200
    # Share of the predictions that fail with 500.
    failing: float = 0.0
    # What it predicts; `no_protocol` answers 200 with JSON that says nothing.
    probability: float = 0.25
    no_protocol: bool = False


def behave(control: Path, version: str, **how: object) -> None:
    draft = control / f".{version}"
    draft.write_text(json.dumps(how))
    draft.replace(control / f"{version}.json")


class Server:
    def __init__(self, name: str, version: str, port: int) -> None:
        self.name, self.version, self.port = name, version, port
        self.path = Path(os.environ["FAKE_CONTROL"]) / f"{version}.json"
        self.chance = random.Random(port)
        self.stamp = 0
        self.how = Behaviour()
        self.open = 0
        self.ending = asyncio.Event()

    def behaviour(self) -> Behaviour:
        stamp = self.path.stat().st_mtime_ns if self.path.exists() else 0
        if stamp != self.stamp:
            self.stamp, self.how = stamp, Behaviour(**json.loads(self.path.read_text()))
        return self.how

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.end)
        how = self.behaviour()
        await asyncio.sleep(how.start_seconds)
        server = await asyncio.start_server(self.talk, "127.0.0.1", self.port)
        await self.ending.wait()
        server.close()
        while self.open:
            await asyncio.sleep(0.01)

    def end(self) -> None:
        if not self.behaviour().ignore_sigterm:
            self.ending.set()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                await self.exchange(line.decode().split(), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def exchange(
        self, words: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        headers: dict[str, str] = {}
        while line := (await reader.readline()).decode().strip():
            key, _, value = line.partition(":")
            headers[key.lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.open += 1
        try:
            how = self.behaviour()
            while how.hang:
                await asyncio.sleep(0.05)
                how = self.behaviour()
            if words[1].endswith("/infer"):
                await asyncio.sleep(how.answer_seconds)
            if how.garbage and words[1].endswith("/infer"):
                writer.write(b"\x00\x01 this is not HTTP\r\n\r\n")
            else:
                writer.write(self.answer(words[1], how, body, headers))
            await writer.drain()
        finally:
            self.open -= 1

    def answer(self, path: str, how: Behaviour, body: bytes, headers: dict[str, str]) -> bytes:
        status, said = 200, {"model_name": self.name, "model_version": self.version}
        if path == "/v2/health/ready":
            status = 503 if how.never_ready else 200
        elif path.endswith("/infer"):
            status = 500 if self.chance.random() < how.failing else how.status
            said |= {
                "echo": json.loads(body),
                "id": headers.get("x-request-id"),
                "pid": os.getpid(),
            }
            if not how.no_protocol:
                said["outputs"] = outputs(how.probability, rows_of(said["echo"]))
        text = json.dumps(said).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text


def rows_of(request: object) -> int:
    """Rows of a request by its first input's shape; 1 where it has none."""
    inputs = request.get("inputs") if isinstance(request, dict) else None
    first = inputs[0] if isinstance(inputs, list) and inputs else None
    shape = first.get("shape") if isinstance(first, dict) else None
    return shape[0] if isinstance(shape, list) and shape else 1


def outputs(probability: float, rows: int) -> list[dict[str, object]]:
    return [
        {
            "name": "predictions",
            "shape": [rows],
            "datatype": "INT64",
            "data": [int(probability >= 0.5)] * rows,
        },
        {
            "name": "probabilities",
            "shape": [rows],
            "datatype": "FP64",
            "parameters": {"positive": "1"},
            "data": [probability] * rows,
        },
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    for option in ("--package", "--name", "--version", "--port"):
        parser.add_argument(option, required=True)
    given = parser.parse_args()
    server = Server(given.name, given.version, int(given.port))
    if server.behaviour().crash_at_start:
        time.sleep(0.05)
        sys.exit("ValueError: this model cannot be loaded")
    asyncio.run(server.serve())


if __name__ == "__main__":
    main()
