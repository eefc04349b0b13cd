"""Requests sent with bounded retries, and answers read into messages.

A POST is as safe to repeat as a GET: each carries one idempotency key, made once before the
first try, so the server answers a repeated request with the first answer.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from include.client.problems import as_error
from include.client.retries import RETRYABLE, Retries, retry_after
from include.errors import ControlPlaneUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.clock import Clock

Answer = TypeVar("Answer")
TIMEOUT = httpx.Timeout(30.0, connect=5.0)


@dataclass(frozen=True)
class Call:
    """One request, independent of how and how often it is sent.

    Attributes:
        method: HTTP method.
        path: Path below the base address, each segment already quoted.
        params: Query parameters.
        body: JSON text of the body; empty for none.
        headers: Further headers.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, **headers: str) -> Call:
        """Return the call with more headers; an underscore stands for a hyphen."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        merged = {**self.headers, **more}
        return Call(self.method, self.path, self.params, self.body, merged)

    def request(self, client: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """Build the request with the address and the defaults of ``client``."""
        headers = {"accept": "application/json", **self.headers}
        if self.body:
            headers["content-type"] = "application/json"
        return client.build_request(
            self.method,
            self.path,
            params=dict(self.params) or None,
            content=self.body or None,
            headers=headers,
        )


def fresh_key() -> str:
    """Return a new idempotency key."""
    return uuid.uuid4().hex


def read(response: httpx.Response, kind: type[Answer]) -> Answer:
    """Return the body of a successful answer as ``kind``.

    Raises:
        AirworthyError: The error that the answer stands for.
        ControlPlaneUnavailable: The body is not what this client knows; Airflow, for one, answers
            every unknown address with its own page and status 200.
    """
    if not response.is_success:
        raise as_error(response)
    try:
        return TypeAdapter(kind).validate_json(response.content)
    except ValidationError as broken:
        raise ControlPlaneUnavailable(
            f"the answer is not a {getattr(kind, '__name__', kind)}",
            where=f"{response.request.method} {response.request.url}",
            value=response.text[:80],
            remedy="Check the address, and that client and control plane have the same version",
        ) from broken


@dataclass
class Tries:
    """The tries of one call so far; says whether and how long to wait for the next."""

    retries: Retries
    clock: Clock
    where: str

    def __post_init__(self) -> None:
        self.count = 0
        self.started = self.clock.now()

    def wait_after(self, outcome: httpx.Response | httpx.TransportError) -> float | None:
        """Return the seconds to wait before the next try, or None when the outcome is final.

        Raises:
            ControlPlaneUnavailable: Nothing answered, and the bounds are used up.
        """
        self.count += 1
        answer = outcome if isinstance(outcome, httpx.Response) else None
        if answer is not None and answer.status_code not in RETRYABLE:
            return None
        elapsed = (self.clock.now() - self.started).total_seconds()
        if self.retries.may_try_again(self.count, elapsed):
            return self.retries.wait(self.count, None if answer is None else retry_after(answer))
        if isinstance(outcome, httpx.Response):
            return None
        raise ControlPlaneUnavailable(
            f"no answer after {self.count} tries: {str(outcome) or type(outcome).__name__}",
            where=self.where,
            remedy="Is it running? `airworthy status` tells",
        ) from outcome


def send(client: httpx.Client, call: Call, retries: Retries, clock: Clock) -> httpx.Response:
    """Send ``call`` until its answer is final.

    Raises:
        ControlPlaneUnavailable: Nothing answered within the bounds.
    """
    tries = Tries(retries, clock, f"{call.method} {client.base_url}{call.path.lstrip('/')}")
    while True:
        outcome: httpx.Response | httpx.TransportError
        try:
            outcome = client.send(call.request(client))
        except httpx.TransportError as lost:
            outcome = lost
        seconds = tries.wait_after(outcome)
        if seconds is None and isinstance(outcome, httpx.Response):
            return outcome
        time.sleep(seconds or 0.0)


async def send_async(
    client: httpx.AsyncClient, call: Call, retries: Retries, clock: Clock
) -> httpx.Response:
    """Send ``call`` until its answer is final, without blocking the event loop.

    Raises:
        ControlPlaneUnavailable: Nothing answered within the bounds.
    """
    tries = Tries(retries, clock, f"{call.method} {client.base_url}{call.path.lstrip('/')}")
    while True:
        outcome: httpx.Response | httpx.TransportError
        try:
            outcome = await client.send(call.request(client))
        except httpx.TransportError as lost:
            outcome = lost
        seconds = tries.wait_after(outcome)
        if seconds is None and isinstance(outcome, httpx.Response):
            return outcome
        await asyncio.sleep(seconds or 0.0)
