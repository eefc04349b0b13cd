"""A log that never makes a request wait: a bounded queue, and a thread that writes."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

from include import logs
from include.serving.segments import Retention, SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from include.clock import Clock

_Entry = TypeVar("_Entry")
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class JournalLimits:
    """How much a journal holds back, and how long.

    Attributes:
        entries: Longest queue; what comes above it is dropped.
        entry_bytes: The same in bytes, by what whoever writes says of each entry.
        write_every: Seconds between two writes: what a killed process can lose.
        sync_every: Seconds between two waits for the disk: what a power cut can lose.
        retention: What stays on the disk.
    """

    entries: int = 20_000
    entry_bytes: int = 64 << 20
    write_every: float = 0.2
    sync_every: float = 5.0
    retention: Retention = field(default_factory=Retention)


class Journal(Generic[_Entry]):
    """A log of entries of one kind.

    Args:
        folder: Where its segments are.
        encode: Turns an entry into a line without line feed; called in the journal's thread.
        clock: Says which day it is.
        limits: What it holds back.

    Attributes:
        dropped: Entries that were not taken since the queue was full.
        unwritten: Entries that were taken, and that the disk refused.
    """

    def __init__(
        self, folder: Path, encode: Callable[[_Entry], bytes], clock: Clock, limits: JournalLimits
    ) -> None:
        self.folder = folder
        self.dropped = self.unwritten = 0
        self._encode, self._clock, self._limits = encode, clock, limits
        self._queue: deque[tuple[_Entry, int]] = deque()
        # Each is written by one thread only: their difference is what waits.
        self._offered = self._taken = 0
        self._writer = SegmentWriter(folder, limits.retention)
        self._logger = logs.get("journal").bind(journal=folder.name)
        self._ending = Event()
        self._failing = False
        self._thread = Thread(target=self._run, name=f"journal {folder.name}", daemon=True)

    def has_room(self, entries: int = 1) -> bool:
        """Say whether so many entries would be taken."""
        waiting = self._offered - self._taken
        room = self._limits.entries - len(self._queue)
        return entries <= room and waiting < self._limits.entry_bytes

    def offer(self, entry: _Entry, size: int = 0) -> bool:
        """Take an entry if there is room; say whether. To be called by one thread."""
        if not self.has_room():
            self.dropped += 1
            return False
        self._offered += size
        self._queue.append((entry, size))
        return True

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is there, and end. Blocks."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        synced, dirty = time.monotonic(), False
        while not self._ending.wait(self._limits.write_every):
            dirty = self._write_all() or dirty
            if dirty and time.monotonic() - synced >= self._limits.sync_every:
                self._guarded(self._writer.sync, 0)
                synced, dirty = time.monotonic(), False
        self._write_all()
        self._guarded(self._writer.close, 0)

    def _write_all(self) -> bool:
        wrote = False
        while self._queue:
            lines, count = self._chunk()
            day = self._clock.now().date()
            wrote = self._guarded(partial(self._writer.write, lines, day), count)
        return wrote

    def _chunk(self) -> tuple[bytes, int]:
        lines: list[bytes] = []
        size = count = 0
        while self._queue and size < _CHUNK_BYTES:
            entry, weight = self._queue.popleft()
            self._taken += weight
            count += 1
            try:
                line = self._encode(entry)
            except Exception:  # one entry that cannot be told must not end the log
                self.unwritten += 1
                self._logger.exception("entry_not_encoded")
                continue
            size += len(line)
            # Inside of JSON a line feed is never part of a text, only of the space around values.
            lines.append(line.replace(b"\n", b" ") if b"\n" in line else line)
        return b"".join(line + b"\n" for line in lines), count

    def _guarded(self, act: Callable[[], None], entries: int) -> bool:
        try:
            act()
        except OSError as refused:
            self.unwritten += entries
            if not self._failing:
                self._logger.exception("journal_not_written", error=str(refused))
            self._failing = True
            return False
        self._failing = False
        return True
