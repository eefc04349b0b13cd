"""The counts of a ledger on disk: one small file a revision, written about each second.

A crash loses what was counted since the last write, and says so: ``interruptions`` is one more.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from include import logs
from include.serving import durable
from include.serving.documents import EvidenceDocument
from include.serving.ledger import Kept

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from include.serving.fleet import Fleet
    from include.serving.ledger import Ledger

_EVERY_SECONDS = 1.0


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    token: int = Field(ge=0)
    evidence: EvidenceDocument


@dataclass(frozen=True)
class Restored:
    """What was found on disk.

    Attributes:
        kept: The counts.
        lost: Endpoint and revision of those whose file could not be read and was set aside.
        problems: A line for each of these files.
    """

    kept: tuple[Kept, ...]
    lost: frozenset[tuple[str, str]]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Counts:
    """Kept counts below a folder: ``<endpoint>/<revision>.json``."""

    folder: Path

    def load(self) -> Restored:
        """Read everything; a file that cannot be read is moved aside and the others go on.

        Counts that were not closed were interrupted by a crash.
        """
        interrupted = not self._closed.exists()
        self._closed.unlink(missing_ok=True)
        kept: list[Kept] = []
        problems: list[str] = []
        lost: set[tuple[str, str]] = set()
        for path in sorted(self.folder.glob("*/*.json")):
            try:
                kept.append(_read(path, interrupted=interrupted))
            except (OSError, ValueError) as broken:
                problems.append(durable.set_aside(path, broken))
                lost.add((path.parent.name, path.stem))
        return Restored(tuple(kept), frozenset(lost), tuple(problems))

    def save(self, kept: Iterable[Kept]) -> None:
        """Keep counts; when this returns, no crash can lose them."""
        for one in kept:
            document = _Document(token=one.token, evidence=EvidenceDocument.of(one.evidence))
            path = self._path(one.evidence.endpoint, one.evidence.revision)
            durable.write(path, document.model_dump_json().encode())

    def remove(self, over: Iterable[tuple[str, int]]) -> None:
        """Remove the counts of endpoints' revisions."""
        for endpoint, revision in over:
            self._path(endpoint, revision).unlink(missing_ok=True)

    def close(self) -> None:
        """Take note that everything was kept: the next start is no interruption."""
        durable.write(self._closed, b"")

    @property
    def _closed(self) -> Path:
        return self.folder / "closed"

    def _path(self, endpoint: str, revision: int) -> Path:
        return self.folder / endpoint / f"{revision}.json"


def _read(path: Path, *, interrupted: bool) -> Kept:
    document = _Document.model_validate_json(path.read_bytes())
    evidence = document.evidence.value()
    if (evidence.endpoint, str(evidence.revision)) != (path.parent.name, path.stem):
        raise ValueError(f"it is about {evidence.endpoint}, revision {evidence.revision}")
    return Kept(
        document.token,
        replace(evidence, interruptions=evidence.interruptions + interrupted),
    )


class Keeper:
    """Keeps a ledger's counts on disk, and its watch on what the fleet serves now."""

    def __init__(self, ledger: Ledger, fleet: Fleet, counts: Counts) -> None:
        self._ledger, self._fleet, self._counts = ledger, fleet, counts
        self._failing = False

    def restore(self) -> None:
        """Take up the counts that an earlier daemon kept, and go on watching."""
        restored = self._counts.load()
        for problem in restored.problems:
            logs.get("ledger").error("counts_set_aside", problem=problem)
        self._ledger.restore(restored.kept, restored.lost)
        self.watch()

    def watch(self) -> None:
        """Watch the revisions that are wanted now."""
        for name in self._fleet.names:
            hosted = self._fleet.find(name)
            if hosted is not None:
                self._ledger.begin(name, hosted.wanted.revision, hosted.wanted.fencing_token)

    async def run(self, stopping: asyncio.Event) -> None:
        """Keep what changed, about each second; at the end once more."""
        while not stopping.is_set():
            await _wait(stopping)
            self.watch()
            over, changed = self._ledger.prune(), self._ledger.changed()
            try:
                await asyncio.to_thread(self._write, over, changed)
            except OSError as refused:
                self._ledger.not_kept(changed)
                self._say(refused)
            else:
                self._failing = False
        if not self._failing:
            await asyncio.to_thread(self._counts.close)

    def _write(self, over: tuple[tuple[str, int], ...], changed: tuple[Kept, ...]) -> None:
        self._counts.remove(over)
        self._counts.save(changed)

    def _say(self, refused: OSError) -> None:
        if not self._failing:
            logs.get("ledger").error("counts_not_kept", error=str(refused))
        self._failing = True


async def _wait(stopping: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(_EVERY_SECONDS):
            await stopping.wait()
    except TimeoutError:
        pass
