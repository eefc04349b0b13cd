"""Reads a journal back: oldest first, or only the newest entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from include.serving.segments import segments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_Record = TypeVar("_Record", bound=msgspec.Struct)


class JournalReader(Generic[_Record]):
    """Iterates over the records of a journal, oldest first.

    Lines that are no record are passed over: one torn by a crash, or of a later format.

    Args:
        folder: The journal's folder; where there is none, there are no records.
        kind: What its lines are.

    Attributes:
        unreadable: Lines passed over so far.
    """

    def __init__(self, folder: Path, kind: type[_Record]) -> None:
        self._folder, self._decoder = folder, msgspec.json.Decoder(kind)
        self.unreadable = 0

    def __iter__(self) -> Iterator[_Record]:
        """Iterate over all records; a segment that is removed meanwhile is passed over."""
        for segment in segments(self._folder):
            try:
                with segment.path.open("rb") as file:
                    for line in file:
                        yield from self._record(line)
            except FileNotFoundError:
                continue

    def newest(self, count: int) -> tuple[_Record, ...]:
        """Return the last ``count`` records, oldest first."""
        found: list[_Record] = []
        for segment in reversed(segments(self._folder)):
            if len(found) >= count:
                break
            try:
                lines = segment.path.read_bytes().split(b"\n")
            except FileNotFoundError:
                continue
            for line in reversed(lines):
                if len(found) >= count:
                    break
                found.extend(self._record(line))
        return tuple(reversed(found))

    def _record(self, line: bytes) -> Iterator[_Record]:
        if not line.strip():
            return
        try:
            yield self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self.unreadable += 1
