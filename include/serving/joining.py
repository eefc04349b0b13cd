"""Labels meet the predictions that they are about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from include.serving.counts import spoken
from include.serving.ledger import Origin
from include.serving.losses import loss_of
from include.serving.recent import Remembered, Rows

if TYPE_CHECKING:
    from include.errors import AirworthyError
    from include.serving.ledger import Ledger
    from include.serving.losses import Label
    from include.serving.recent import Recent
    from include.serving.witness import Asked, Predicted


class Result(StrEnum):
    """What became of a label."""

    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    DUPLICATE = "duplicate"
    CONTRADICTION = "contradiction"
    UNFIT = "unfit"


@dataclass(frozen=True)
class Joined:
    """What became of a label, and whose prediction it was about; None where that is unknown."""

    result: Result
    origin: Origin | None


class Joiner:
    """A witness that remembers predictions, and counts their losses once labels arrive."""

    def __init__(self, recent: Recent, ledger: Ledger) -> None:
        self._recent, self._ledger = recent, ledger
        self._origins: dict[tuple[str, int, int, str, str], Origin] = {}

    def answered(self, predicted: Predicted) -> None:
        """Remember a prediction, unless it was asked for past the router."""
        asked, said = predicted.asked, spoken(predicted)
        if asked.variant or said is None:
            return
        origin = self._origin(asked, predicted.variant, predicted.version)
        remembered = Remembered(Rows.of(origin, said), counted=not asked.retried)
        self._recent.add(asked.request_id, remembered)

    def failed(self, asked: Asked, variant: str, version: str, error: AirworthyError) -> None:
        """Do nothing: what was not answered has no label to wait for."""

    def mirrored(
        self,
        asked: Asked,
        visible: Predicted | None,
        shadow: Predicted | None,
        variant: str,
        version: str,
    ) -> None:
        """Remember a shadow's prediction beside the visible one."""
        said, seen = spoken(shadow), spoken(visible)
        remembered = self._recent.find(asked.request_id, asked.endpoint)
        if said is None or seen is None or remembered is None or said.rows != seen.rows:
            return
        origin = self._origin(asked, variant, version)
        if visible is None or remembered.visible != Rows.of(
            self._origin(asked, visible.variant, visible.version), seen
        ):
            return  # the id came again: what is remembered is another request
        rows = Rows.of(origin, said)
        remembered.shadows += (rows,)
        for number, label in remembered.labels.items():
            self._compare(remembered.visible, rows, number, label)

    def dropped(self, asked: Asked, variant: str, version: str) -> None:
        """Do nothing: there is no second prediction."""

    def label(self, request_id: str, endpoint: str, number: int, label: Label) -> Joined:
        """Take a label for one row of a request; the first one stands."""
        remembered = self._recent.find(request_id, endpoint)
        if remembered is None or number >= len(remembered.visible):
            return Joined(Result.UNKNOWN, None)
        origin = remembered.visible.origin
        former = remembered.labels.get(number)
        if former is not None:
            same = former == label
            return Joined(Result.DUPLICATE if same else Result.CONTRADICTION, origin)
        loss = loss_of(remembered.visible.row(number), label)
        if loss is None:
            return Joined(Result.UNFIT, origin)
        remembered.labels[number] = label
        if remembered.counted:
            self._ledger.labelled(origin, loss)
        for shadow in remembered.shadows:
            self._compare(remembered.visible, shadow, number, label)
        return Joined(Result.ACCEPTED, origin)

    def _compare(self, visible: Rows, shadow: Rows, number: int, label: Label) -> None:
        ours, theirs = loss_of(visible.row(number), label), loss_of(shadow.row(number), label)
        if ours is not None and theirs is not None:
            self._ledger.compared(shadow.origin, theirs.minus(ours))

    def _origin(self, asked: Asked, variant: str, version: str) -> Origin:
        """Return one object for each origin: many requests share it."""
        key = (asked.endpoint, asked.revision, asked.token, variant, version)
        origin = self._origins.get(key)
        if origin is None:
            if len(self._origins) > _ORIGINS:
                self._origins.clear()
            origin = self._origins[key] = Origin(*key)
        return origin


_ORIGINS = 1000
