"""The newest predictions by request id, so that late labels find what they are about.

A hundred thousand of them would make each pass of the garbage collector a pause of the router;
what is remembered has no cycles, so it is kept out of its sight (``gc=False``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from include.serving.losses import Row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.serving.ledger import Origin
    from include.serving.losses import Label
    from include.serving.said import Said

ROWS = 100_000
"""Rows that are remembered by default: about 70 MB where each request has one."""


class Rows(msgspec.Struct, frozen=True, gc=False):
    """The predictions of one request by one variant.

    Attributes:
        origin: Whose they are.
        probabilities: As in `Said`.
        predictions: As in `Said`.
        classes: As in `Said`.
        positive: As in `Said`.
    """

    origin: Origin
    probabilities: tuple[float, ...]
    predictions: tuple[float | str | bool, ...]
    classes: bool
    positive: str

    @classmethod
    def of(cls, origin: Origin, said: Said) -> Rows:
        """Return what is remembered of an answer."""
        return cls(origin, said.probabilities, said.predictions, said.classes, said.positive)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.probabilities) or len(self.predictions)

    def row(self, number: int) -> Row:
        """Return one prediction."""
        return Row(
            self.probabilities[number] if self.probabilities else None,
            self.predictions[number] if self.predictions else None,
            self.classes,
            self.positive,
        )


class Remembered(msgspec.Struct, gc=False):
    """One request and what has been said of it.

    Attributes:
        visible: What the caller got.
        counted: Whether its labels count for the variant: not those of a retry.
        labels: Labels by row.
        shadows: What shadow variants answered to the same request.
    """

    visible: Rows
    counted: bool
    labels: dict[int, Label] = {}
    shadows: tuple[Rows, ...] = ()


_Key = tuple[str, str]


class Recent:
    """Requests by (endpoint, request id), the oldest forgotten first.

    A request id that comes again at the same endpoint stands for its first request.

    Args:
        capacity: Rows that are remembered.
    """

    def __init__(self, capacity: int = ROWS) -> None:
        self._capacity = capacity
        self._requests: dict[_Key, Remembered] = {}
        self._rows = 0
        self._endpoints: set[str] = set()

    def __len__(self) -> int:
        """Return the number of requests."""
        return len(self._requests)

    def add(self, request_id: str, remembered: Remembered) -> bool:
        """Remember a request; say whether its id was new."""
        key = (remembered.visible.origin.endpoint, request_id)
        if key in self._requests:
            return False
        self._requests[key] = remembered
        self._rows += len(remembered.visible)
        self._endpoints.add(key[0])
        while self._rows > self._capacity:
            oldest = next(iter(self._requests))
            self._rows -= len(self._requests.pop(oldest).visible)
        return True

    def find(self, request_id: str, endpoint: str = "") -> Remembered | None:
        """Return a request; None where it is not known, or where endpoints share its id."""
        if endpoint:
            return self._requests.get((endpoint, request_id))
        found = [
            one
            for name in self._endpoints
            if (one := self._requests.get((name, request_id))) is not None
        ]
        return found[0] if len(found) == 1 else None

    def restore(self, older: Iterable[tuple[str, Remembered]]) -> None:
        """Remember requests that came before those that are known."""
        known, self._requests, self._rows = self._requests, {}, 0
        for request_id, remembered in older:
            self.add(request_id, remembered)
        for (endpoint, request_id), remembered in known.items():
            self._replace(endpoint, request_id, remembered)

    def _replace(self, endpoint: str, request_id: str, remembered: Remembered) -> None:
        former = self._requests.pop((endpoint, request_id), None)
        if former is not None:
            self._rows -= len(former.visible)
        self.add(request_id, remembered)
