"""A real prediction request, as somebody outside would send it."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

import httpx

from include.embedded.demo.summary import AnswerTold
from include.embedded.demo.training import Unexpected
from include.serving.inference import PREFERRED
from include.spec.model import ColumnType

if TYPE_CHECKING:
    from include.spec.model import Column, Spec

_SECONDS = 30


@dataclass(frozen=True)
class Reply:
    """What the endpoint said, and to which program."""

    status: int
    text: str
    client: str


def body(spec: Spec, arrived: bytes) -> str:
    """Return an Open Inference Protocol request for the first complete row of an arrived file.

    Raises:
        Unexpected: No row of the file has a value for every feature.
    """
    rows = csv.DictReader(StringIO(arrived.decode()))
    names = [column.name for column in spec.data.features]
    row = next((row for row in rows if all(row[name] for name in names)), None)
    if row is None:
        raise Unexpected("no row of the arrived file is complete", where=spec.model)
    inputs = [
        {
            "name": column.name,
            "shape": [1],
            "datatype": PREFERRED[column.type],
            "data": [_cell(column, row[column.name])],
        }
        for column in spec.data.features
    ]
    return json.dumps({"inputs": inputs})


def _cell(column: Column, text: str) -> str | int | float | bool:
    if column.type is ColumnType.INTEGER:
        return int(float(text))
    if column.type is ColumnType.NUMBER:
        return float(text)
    if column.type is ColumnType.BOOLEAN:
        return text.lower() in {"1", "1.0", "true"}
    return text


def ask(url: str, content: str) -> AnswerTold:
    """Send the request with ``curl`` where there is one and return the answer.

    Raises:
        Unexpected: The endpoint did not answer with outputs.
    """
    began = time.monotonic()
    reply = _by_curl(url, content) if shutil.which("curl") else _by_httpx(url, content)
    milliseconds = (time.monotonic() - began) * 1000
    if reply.status != httpx.codes.OK:
        raise Unexpected(f"{url} answers {reply.status}: {reply.text[:300]}")
    document: dict[str, Any] = json.loads(reply.text)
    return AnswerTold(
        url=url,
        client="curl" if reply.client == "curl" else "httpx",
        outputs={one["name"]: tuple(one["data"]) for one in document["outputs"]},
        milliseconds=round(milliseconds, 1),
    )


def _by_curl(url: str, content: str) -> Reply:
    command = ["curl", "--silent", "--show-error", "--max-time", str(_SECONDS), "--noproxy", "*"]
    command += ["--header", "Content-Type: application/json", "--data-binary", "@-"]
    command += ["--write-out", "\n%{http_code}", url]
    done = subprocess.run(command, input=content, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unexpected(f"curl could not reach {url}: {done.stderr.strip()}")
    text, _, status = done.stdout.rpartition("\n")
    return Reply(int(status), text, "curl")


def _by_httpx(url: str, content: str) -> Reply:
    headers = {"Content-Type": "application/json"}
    try:
        answer = httpx.post(url, content=content, headers=headers, timeout=_SECONDS)
    except httpx.HTTPError as cause:
        raise Unexpected(f"{url} could not be reached: {type(cause).__name__}") from cause
    return Reply(answer.status_code, answer.text, "httpx")
