"""A real prediction request, as somebody outside would send it."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

import httpx

from include.embedded.demo.summary import AnswerTold
from include.embedded.demo.training import Unexpected
from include.errors import BadInput
from include.replay import request

if TYPE_CHECKING:
    from include.spec.model import Spec

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
    for row in csv.DictReader(StringIO(arrived.decode())):
        with suppress(BadInput):
            return request.body(spec.data.features, [request.cells(spec, row)]).decode()
    raise Unexpected("no row of the arrived file is complete", where=spec.model)


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
