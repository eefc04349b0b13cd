"""The control plane for the triggerer: the few questions that wait for something there.

It raises what the blocking client raises (``control_plane``).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

import httpx

from include.client.messages.decisions import Decision
from include.client.messages.rollouts import Rollout
from include.client.paths import get, path_of
from include.client.retries import Retries
from include.client.transport import TIMEOUT, Call, read, send_async
from include.client.workload import WorkloadTokens
from include.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.client.messages.plans import LookAtStage
    from include.clock import Clock

    TokenSource = Callable[[], str]

Answer = TypeVar("Answer")


class AsyncControlPlane:
    """What triggers ask and tell again and again, without blocking the triggerer.

    Args:
        base_url: Address of the control plane, without ``/api/v1``.
        token_source: Returns a bearer token; may block, so it is asked in a thread.
        clock: Bounds the retries.
        retries: How often and how long a request is tried.
        transport: Replaces the network in tests.
    """

    def __init__(
        self,
        base_url: str,
        token_source: TokenSource,
        *,
        clock: Clock | None = None,
        retries: Retries | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._token_source = token_source
        self._clock = clock or SystemClock()
        self._retries = retries or Retries()
        self._client = httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT, transport=transport)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def decision(self, decision_id: str) -> Decision:
        """Return one decision."""
        return await self._ask(get("decisions", decision_id), Decision)

    async def rollout(self, rollout_id: str) -> Rollout:
        """Return one rollout."""
        return await self._ask(get("rollouts", rollout_id), Rollout)

    async def look(self, rollout_id: str, index: int, message: LookAtStage) -> Rollout:
        """Keep the latest look at a stage for people to see, and return its rollout.

        No idempotency key: the latest look counts, and a stored answer for each would be many.
        """
        path = path_of("rollouts", rollout_id, "stages", str(index), "look")
        return await self._ask(Call("PUT", path, body=message.model_dump_json()), Rollout)

    async def _ask(self, call: Call, kind: type[Answer]) -> Answer:
        response = await self._send(call)
        if response.status_code == 401 and isinstance(self._token_source, WorkloadTokens):
            self._token_source.forget()
            response = await self._send(call)
        return read(response, kind)

    async def _send(self, call: Call) -> httpx.Response:
        token = await asyncio.to_thread(self._token_source)
        signed = call.with_headers(Authorization=f"Bearer {token}")
        return await send_async(self._client, signed, self._retries, self._clock)
