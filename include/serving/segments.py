"""A log as files: lines of JSON in daily segments of limited size, the oldest removed in time.

``<day>.<part>.jsonl``, UTC. A crash can tear the last line; the next writer ends it, so that only
that line is lost, and readers pass over it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{4,})\.jsonl")


@dataclass(frozen=True)
class Retention:
    """What may stay on the disk.

    Attributes:
        segment_bytes: A segment that has reached this is followed by another.
        days: Segments of days before are removed.
        total_bytes: Above it the oldest segments are removed, never the one being written.
    """

    segment_bytes: int = 64 << 20
    days: int = 30
    total_bytes: int = 2 << 30


@dataclass(frozen=True, order=True)
class Segment:
    """One file of a log; segments are ordered as they were written."""

    day: date
    part: int
    path: Path


def segments(folder: Path) -> tuple[Segment, ...]:
    """Return the segments of a log, oldest first; files of other names are none."""
    found: list[Segment] = []
    for path in folder.glob("*.jsonl"):
        fitting = _NAME.fullmatch(path.name)
        if fitting:
            found.append(Segment(date.fromisoformat(fitting[1]), int(fitting[2]), path))
    return tuple(sorted(found))


class SegmentWriter:
    """Appends whole lines. One writer a folder; its methods block and may raise OSError."""

    def __init__(self, folder: Path, retention: Retention) -> None:
        self._folder, self._retention = folder, retention
        self._open: Segment | None = None
        self._descriptor = -1
        self._size = 0

    def write(self, lines: bytes, day: date) -> None:
        """Append lines, each with its line feed, to the segment of a day."""
        if self._open is None or self._open.day != day or self._full:
            self.close()
            self._begin(day)
        view = memoryview(lines)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            self._abandon()  # the line that was cut off is ended where it is opened again
            raise
        self._size += len(lines)

    def sync(self) -> None:
        """Wait until what was written is on the disk."""
        if self._open is not None:
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the segment; what was written is on the disk."""
        if self._open is not None:
            try:
                self.sync()
            finally:
                self._abandon()

    def sweep(self, today: date) -> None:
        """Remove what may no longer stay."""
        present = [segment for segment in segments(self._folder) if segment != self._open]
        sizes = {segment: segment.path.stat().st_size for segment in present}
        total = sum(sizes.values()) + self._size
        for segment in present:
            old = segment.day < today - timedelta(days=self._retention.days)
            if old or total > self._retention.total_bytes:
                segment.path.unlink(missing_ok=True)
                total -= sizes[segment]

    @property
    def _full(self) -> bool:
        return self._size >= self._retention.segment_bytes

    def _begin(self, day: date) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        parts = [segment for segment in segments(self._folder) if segment.day == day]
        part = parts[-1].part if parts else 0
        if parts and parts[-1].path.stat().st_size >= self._retention.segment_bytes:
            part += 1
        segment = Segment(day, part, self._folder / f"{day.isoformat()}.{part:04d}.jsonl")
        # What people asked a model about is nobody else's to read.
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        self._descriptor = os.open(segment.path, flags, 0o600)
        self._open, self._size = segment, os.fstat(self._descriptor).st_size
        if self._size and os.pread(self._descriptor, 1, self._size - 1) != b"\n":
            self._size += os.write(self._descriptor, b"\n")
        self.sweep(day)

    def _abandon(self) -> None:
        os.close(self._descriptor)
        self._open, self._descriptor, self._size = None, -1, 0
