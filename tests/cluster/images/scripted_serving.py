"""A model server of the Open Inference Protocol that misbehaves on request; standard library only.

``VARIANT`` says which one this is. It begins as ``/behaviours/<variant>.json`` says, where there is
one, and changes by ``GET /behave?how=<json>``. ``/metrics`` has the series of our model servers.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from bisect import bisect_left
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs

NAME = os.environ.get("INFERENCE_SERVICE_NAME", "model")
VARIANT = os.environ.get("VARIANT", "v1")
PORT = int(os.environ.get("PORT", "8080"))
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
BOUNDS = (0.0, 0.1, 0.24, 0.26, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Behaviour:
    """How the server behaves.

    Attributes:
        start_seconds: Time until it listens.
        crash_at_start: Whether it ends before it listens.
        crash_after_seconds: When it ends by itself; 0 for never.
        never_ready: Whether its health route says no.
        answer_seconds: Time that a prediction takes.
        error_share: Share of predictions that are answered with 500, evenly spread.
        probability: What it predicts.
        drain_seconds: How long it goes on after SIGTERM.
    """

    start_seconds: float = 0.0
    crash_at_start: bool = False
    crash_after_seconds: float = 0.0
    never_ready: bool = False
    answer_seconds: float = 0.0
    error_share: float = 0.0
    probability: float = 0.25
    drain_seconds: float = 3.0


class Server:
    """Answers, counts, and drains at SIGTERM."""

    def __init__(self, how: Behaviour) -> None:
        self.how = how
        self.began = time.time()
        self.owed = 0.0
        self.open = 0
        self.codes: Counter[int] = Counter()
        self.seconds = [0] * (len(SECONDS) + 1)
        self.predictions = [0] * (len(BOUNDS) + 1)
        self.ending = asyncio.Event()

    async def serve(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.ending.set)
        await asyncio.sleep(self.how.start_seconds)
        if self.how.crash_after_seconds:
            asyncio.get_running_loop().call_later(self.how.crash_after_seconds, os._exit, 3)
        server = await asyncio.start_server(self.talk, "", PORT)
        await self.ending.wait()
        await asyncio.sleep(self.how.drain_seconds)
        server.close()
        while self.open:
            await asyncio.sleep(0.01)

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
        length = 0
        while line := (await reader.readline()).decode().strip():
            key, _, value = line.partition(":")
            length = int(value) if key.lower() == "content-length" else length
        await reader.readexactly(length)
        self.open += 1
        try:
            status, kind, text = await self.answer(words[1])
            head = (
                f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nx-airworthy-variant: {VARIANT}\r\n"
                f"x-airworthy-version: {VARIANT}\r\ncontent-length: {len(text)}\r\n\r\n"
            )
            writer.write(head.encode() + text)
            await writer.drain()
        finally:
            self.open -= 1

    async def answer(self, path: str) -> tuple[int, str, bytes]:
        if path == "/metrics":
            return 200, "text/plain; version=0.0.4", self.exposition().encode()
        status, said = 200, {"model_name": NAME, "model_version": VARIANT}
        path, _, query = path.partition("?")
        if path == "/behave":
            self.how = replace(self.how, **json.loads(parse_qs(query)["how"][0]))
            said = asdict(self.how)
        elif path == "/v2/health/ready":
            status = 503 if self.how.never_ready else 200
        elif path.endswith("/infer"):
            status = await self.predict()
            said["outputs"] = outputs(self.how.probability)
        return status, "application/json", json.dumps(said).encode()

    async def predict(self) -> int:
        began = time.monotonic()
        await asyncio.sleep(self.how.answer_seconds)
        self.owed += self.how.error_share
        status = 200
        if self.owed >= 1.0 - 1e-9:
            self.owed -= 1.0
            status = 500
        self.codes[status] += 1
        if status == 200:
            self.seconds[bisect_left(SECONDS, time.monotonic() - began)] += 1
            self.predictions[bisect_left(BOUNDS, self.how.probability)] += 1
        return status

    def exposition(self) -> str:
        own = f'model="{NAME}",version="{VARIANT}",variant="{VARIANT}"'
        lines = [f"airworthy_model_start_time_seconds{{{own}}} {self.began!r}"]
        lines += [
            f'airworthy_model_requests_total{{{own},code="{code}"}} {count}'
            for code, count in {200: 0, **self.codes}.items()
        ]
        lines += buckets(f"airworthy_model_request_seconds_bucket{{{own}", SECONDS, self.seconds)
        lines += buckets(f"airworthy_model_prediction_bucket{{{own}", BOUNDS, self.predictions)
        return "\n".join(lines) + "\n"


def buckets(head: str, bounds: tuple[float, ...], counts: list[int]) -> list[str]:
    listed = [*(repr(bound) for bound in bounds), "+Inf"]
    return [
        f'{head},le="{bound}"}} {sum(counts[: index + 1])}' for index, bound in enumerate(listed)
    ]


def outputs(probability: float) -> list[dict[str, object]]:
    return [
        {
            "name": "predictions",
            "shape": [1],
            "datatype": "INT64",
            "data": [int(probability >= 0.5)],
        },
        {
            "name": "probabilities",
            "shape": [1],
            "datatype": "FP64",
            "parameters": {"positive": "1"},
            "data": [probability],
        },
    ]


def main() -> None:
    file = Path("/behaviours") / f"{VARIANT}.json"
    how = Behaviour(**json.loads(file.read_text())) if file.exists() else Behaviour()
    if how.crash_at_start:
        sys.exit("ValueError: this model cannot be loaded")
    asyncio.run(Server(how).serve())


if __name__ == "__main__":
    main()
