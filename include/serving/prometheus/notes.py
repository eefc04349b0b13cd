"""Where counting began, kept for whoever goes on after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from include.errors import ObjectMissing
from include.serving.prometheus.growth import Counter, Growth, Target

if TYPE_CHECKING:
    from include.serving.prometheus.phases import Arm, Phase
    from include.store.objects import ObjectStore

_Labels = tuple[tuple[str, str], ...]


class _Noted(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _NotedCounter(_Noted):
    signal: str
    labels: _Labels
    at: float
    value: float
    began: float
    total: int


class _NotedTarget(_Noted):
    key: _Labels
    first: float
    newest: float
    whole: bool
    began: float
    counters: tuple[_NotedCounter, ...]


class _NotedGrowth(_Noted):
    newest: float
    interruptions: int
    targets: tuple[_NotedTarget, ...]


class Notes(Protocol):
    """Keeps the counts of a variant in a phase."""

    def resume(self, phase: Phase, arm: Arm, growth: Growth) -> None:
        """Take up what was kept, if anything was.

        Raises:
            StoreUnavailable: the store did not answer.
        """

    def keep(self, phase: Phase, arm: Arm, growth: Growth) -> None:
        """Keep the counts.

        Raises:
            StoreUnavailable: the store did not answer.
        """


class NoNotes:
    """Keeps nothing: after a restart, counting begins anew."""

    def resume(self, phase: Phase, arm: Arm, growth: Growth) -> None:
        """Take up nothing."""

    def keep(self, phase: Phase, arm: Arm, growth: Growth) -> None:
        """Keep nothing."""


class StoredNotes:
    """Keeps counts as objects, one a variant and phase.

    Args:
        store: The object store.
        folder: URI below which they are.
    """

    def __init__(self, store: ObjectStore, folder: str) -> None:
        self._store, self._folder = store, folder.rstrip("/")

    def resume(self, phase: Phase, arm: Arm, growth: Growth) -> None:
        """Take up what was kept. What cannot be read is as if nothing was, said by a count."""
        try:
            noted = _NotedGrowth.model_validate_json(self._store.read(self._uri(phase, arm)))
        except ObjectMissing:
            return
        except ValidationError:
            growth.interruptions += 1
            return
        growth.newest, growth.interruptions = noted.newest, noted.interruptions
        growth.targets.update({one.key: _target(one) for one in noted.targets})

    def keep(self, phase: Phase, arm: Arm, growth: Growth) -> None:
        """Keep the counts."""
        noted = _NotedGrowth(
            newest=growth.newest,
            interruptions=growth.interruptions,
            targets=tuple(_noted(key, target) for key, target in growth.targets.items()),
        )
        self._store.write(self._uri(phase, arm), noted.model_dump_json().encode())

    def _uri(self, phase: Phase, arm: Arm) -> str:
        # The revision number may come again, under a newer token, with another beginning.
        began = f"{phase.revision}-{phase.since:.3f}"
        names = (phase.namespace or "-", phase.endpoint, began, f"{arm.variant}.json")
        return "/".join((self._folder, *(quote(name, safe="") for name in names)))


def _noted(key: _Labels, target: Target) -> _NotedTarget:
    counters = tuple(
        _NotedCounter(
            signal=signal, labels=labels, at=one.at, value=one.value, began=one.began,
            total=one.total,
        )
        for (signal, labels), one in target.counters.items()
    )  # fmt: skip
    return _NotedTarget(
        key=key, first=target.first, newest=target.newest, whole=target.whole,
        began=target.began, counters=counters,
    )  # fmt: skip


def _target(noted: _NotedTarget) -> Target:
    counters = {
        (one.signal, one.labels): Counter(one.at, one.value, one.began, one.total)
        for one in noted.counters
    }
    return Target(noted.first, noted.newest, noted.whole, noted.began, counters)
