"""The key of a row: stamped once, before anything is judged, and kept from then on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from include import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Cells = tuple[str | None, ...]
_COUNTER = re.compile(r"#\d+$")
_DIGITS = 16


def stamp(
    names: Sequence[str], rows: Iterable[Cells], key_columns: Sequence[str]
) -> tuple[str, ...]:
    """Return the key of each row, all of them different.

    The key is the text of the key columns, joined by ``|``; a row whose key columns are not all
    there (or a table without them) is known by its content: 16 digits of the SHA-256 of its named
    cells, whatever their order. A key seen before gets a counter: ``17``, ``17#2``, ``17#3``.
    """
    places = [names.index(column) for column in key_columns if column in names]
    whole = bool(places) and len(places) == len(key_columns)
    used: set[str] = set()
    keys = []
    for cells in rows:
        texts = [(cells[place] or "").strip() for place in places] if whole else []
        base = "|".join(texts) if texts and all(texts) else content(names, cells)
        key = _unused(base, used)
        used.add(key)
        keys.append(key)
    return tuple(keys)


def content(names: Sequence[str], cells: Cells) -> str:
    """Return the content hash of one row."""
    named = sorted((name, (cell or "").strip()) for name, cell in zip(names, cells, strict=True))
    return digest.of_json(named)[:_DIGITS]


def base(key: str) -> str:
    """Return a key without its counter: rows that repeat each other share it."""
    return _COUNTER.sub("", key)


def _unused(base: str, used: set[str]) -> str:
    key, count = base, 1
    while key in used:
        count += 1
        key = f"{base}#{count}"
    return key
