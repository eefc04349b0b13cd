"""Tokens of workloads: the environment's secret and a claimed try, exchanged for ten minutes."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx

from include.client.messages.callers import Token, TokenRequest
from include.client.retries import Retries
from include.client.transport import TIMEOUT, Call, fresh_key, read, send
from include.clock import SystemClock

if TYPE_CHECKING:
    from include.client.messages.base import RunRef
    from include.clock import Clock

SECRET_HEADER = "X-Airworthy-Workload-Secret"  # noqa: S105 - the name of a header
RENEW_BEFORE = timedelta(seconds=60)


def exchange(
    base_url: str,
    secret: str,
    run: RunRef,
    *,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Token:
    """Exchange the workload secret and the claim to be ``run`` for a token.

    Args:
        base_url: Address of the control plane, without ``/api/v1``.
        secret: The environment's workload secret.
        run: The try of the task that asks.
        clock: Bounds the retries.
        transport: Replaces the network in tests.

    Raises:
        Forbidden: The secret is wrong, or Airflow says that the try is not running.
        ControlPlaneUnavailable: No answer within the bounds.
    """
    call = Call(
        "POST",
        "api/v1/tokens",
        body=TokenRequest(run=run).model_dump_json(),
        headers={SECRET_HEADER: secret, "Idempotency-Key": fresh_key()},
    )
    with httpx.Client(base_url=base_url, timeout=TIMEOUT, transport=transport) as client:
        return read(send(client, call, Retries(), clock or SystemClock()), Token)


class WorkloadTokens:
    """A token source that exchanges when it must: none yet, or less than 60 s left."""

    def __init__(
        self,
        base_url: str,
        secret: str,
        run: RunRef,
        *,
        clock: Clock | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base_url = base_url
        self._secret = secret
        self._run = run
        self._clock = clock or SystemClock()
        self._transport = transport
        self._token: Token | None = None
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """Return a token that is good for at least a minute."""
        with self._lock:
            if self._token is None or self._clock.now() >= self._token.expires_at - RENEW_BEFORE:
                self._token = exchange(
                    self._base_url,
                    self._secret,
                    self._run,
                    clock=self._clock,
                    transport=self._transport,
                )
            return self._token.token

    def forget(self) -> None:
        """Drop the token; the control plane refused it, for example after its key changed."""
        with self._lock:
            self._token = None
