"""What is wrong with a spec: found first by path, then placed in a file."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Steps = tuple[str | int, ...]
"""The way to a value: field names and, in lists, positions from 0."""

_LONGEST_VALUE = 60


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file of the folder of the models; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True)
class Finding:
    """Something wrong at a path, not yet placed in a file."""

    steps: Steps
    what: str
    value: object = None
    suggestion: str = ""


@dataclass(frozen=True)
class Problem:
    """Something wrong at a place; ``str`` is the one line that people and editors read."""

    place: Place
    path: str
    what: str
    value: object = None
    suggestion: str = ""

    def line(self, folder: str = "") -> str:
        """Return ``file:line:column: path: what (got value); did you mean 'x'?``.

        Args:
            folder: How the reader names the folder of the models, for example ``dags/models/``.
        """
        text = f"{folder}{self.place.file}:{self.place.line}:{self.place.column}: "
        text += f"{self.path}: {self.what}" if self.path else self.what
        if self.value is not None:
            text += f" (got {_shown(self.value)})"
        return f"{text}; did you mean {self.suggestion!r}?" if self.suggestion else text

    def __str__(self) -> str:
        return self.line()


def dotted(steps: Steps) -> str:
    """Return a path as people write it: ``data.columns.3.role``."""
    return ".".join(str(step) for step in steps)


def nearest(value: object, names: Iterable[str]) -> str:
    """Return the valid name that ``value`` was most likely meant to be, or nothing."""
    text = str(value).strip().lower()
    close = difflib.get_close_matches(text, sorted(set(names)), n=1, cutoff=0.5)
    return close[0] if close else ""


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
