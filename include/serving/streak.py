"""Requests in a row that a model server failed although its health checks are good."""

from __future__ import annotations


class Streak:
    """Counts failures since the last good answer."""

    __slots__ = ("_how", "_length")

    def __init__(self) -> None:
        self._length, self._how = 0, ""

    def note(self, failure: str) -> None:
        """Count an answer by how it failed; empty for a good one."""
        if failure:
            self.failed(failure)
        else:
            self.ended()

    def failed(self, how: str) -> None:
        """Count a failure."""
        self._length += 1
        self._how = how

    def ended(self) -> None:
        """Begin anew: there was a good answer."""
        if self._length:
            self._length, self._how = 0, ""

    @property
    def message(self) -> str:
        """What people should know, in one line; empty after a good answer."""
        if not self._length:
            return ""
        return f"failed its last {self._length} request{'s' * (self._length > 1)}: {self._how}"
