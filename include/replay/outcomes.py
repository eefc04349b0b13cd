"""Labels on their way to the endpoint: each a while after its answer, many in one request."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.replay.tally import Tally

MOST_AT_ONCE = 500
EVERY_SECONDS = 0.5
PATIENCE_SECONDS = 10.0
_REFUSED = frozenset({400, 401, 403, 404, 413, 415, 422})


class Received(BaseModel):
    """What the endpoint says about labels."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    accepted: int
    unknown: int = 0
    duplicates: int = 0


@dataclass(frozen=True)
class Truth:
    """A label that is due at a moment of the loop's clock."""

    due: float
    request_id: str
    row: int
    label: str | int | float


class Postbox:
    """Delivers labels when they are due.

    A delivery that fails is tried again until ``PATIENCE_SECONDS`` after the last one was due; one
    that is refused is not.

    Args:
        client: Connections to the endpoint.
        url: Where labels go.
        token: Bearer token of those who may say what became of a prediction.
        delay: Seconds between an answer and its label.
        tally: What is counted.
    """

    def __init__(
        self, client: httpx.AsyncClient, url: str, token: str, delay: float, tally: Tally
    ) -> None:
        self._client, self._url, self._delay, self._tally = client, url, delay, tally
        self._headers = {"Authorization": f"Bearer {token}"}
        self._waiting: deque[Truth] = deque()
        self._is_closing = False

    def put(self, request_id: str, labels: Iterable[str | int | float]) -> None:
        """Take the labels of a request, one a row; its answer has just come."""
        due = asyncio.get_running_loop().time() + self._delay
        for row, label in enumerate(labels):
            self._waiting.append(Truth(due, request_id, row, label))
            self._tally.labels["due"] += 1

    def close(self) -> None:
        """Take no more, and end when everything is delivered."""
        self._is_closing = True

    async def run(self) -> None:
        """Deliver until closed and empty; what cannot be delivered is counted as lost."""
        loop = asyncio.get_running_loop()
        while not (self._is_closing and not self._waiting):
            last = self._waiting[-1].due if self._waiting else loop.time()
            if self._is_closing and loop.time() > last + PATIENCE_SECONDS:
                break
            if not await self._deliver(loop.time()):
                await asyncio.sleep(EVERY_SECONDS)
        self._tally.labels["lost"] += len(self._waiting)

    async def _deliver(self, now: float) -> bool:
        """Send what is due; say whether there may be more of it."""
        due: list[Truth] = []
        while self._waiting and self._waiting[0].due <= now and len(due) < MOST_AT_ONCE:
            due.append(self._waiting.popleft())
        if not due:
            return False
        if not await self._send(due):
            self._waiting.extendleft(reversed(due))
            return False
        return len(due) == MOST_AT_ONCE

    async def _send(self, due: list[Truth]) -> bool:
        """Return whether the labels are dealt with, one way or the other."""
        told = [{"request_id": one.request_id, "row": one.row, "label": one.label} for one in due]
        try:
            answer = await self._client.post(
                self._url, json={"outcomes": told}, headers=self._headers
            )
            if answer.status_code in _REFUSED:
                self._tally.problem = f"{answer.status_code}: {answer.text[:200]}"
                self._tally.labels["lost"] += len(due)
                return True
            received = Received.model_validate_json(answer.raise_for_status().content)
        except (httpx.HTTPError, ValidationError) as error:
            self._tally.problem = f"{type(error).__name__}: {str(error)[:200]}"
            return False
        self._tally.labels.update(received.model_dump())
        return True
