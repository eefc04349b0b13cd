"""The hourly bike rides that ship, by month, with what is known of earlier rides a week ahead.

A forecast may be asked for a week before its hour. What it may know of rides ends there: the same
hour one and two weeks before, and the mean of the seven days that end one week before. Where such
an hour is not in the data the cell is empty; the first week knows nothing.
"""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE = Path(__file__).parent / "sets" / "bike_hour.csv.gz"
WEEK = 7 * 24
LAGS = ("cnt_week_ago", "cnt_two_weeks_ago", "cnt_mean_week_ago")


@dataclass(frozen=True)
class Ride:
    """One record of the published file: its hour since the first day, its rides, its cells."""

    hour: int
    count: int
    cells: tuple[str, ...]


def months() -> dict[str, bytes]:
    """Return the rides of each month as CSV, by ``YYYY-MM``, with the columns of ``LAGS``."""
    header, rides = _published()
    known = lags(rides)
    place = header.index("dteday")
    rows: dict[str, list[tuple[str, ...]]] = {}
    for ride, more in zip(rides, known, strict=True):
        rows.setdefault(ride.cells[place][:7], []).append((*ride.cells, *more))
    return {month: _csv((*header, *LAGS), found) for month, found in rows.items()}


def lags(rides: tuple[Ride, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the cells of ``LAGS`` for each ride; rides of the last week before it play no part."""
    length = max(ride.hour for ride in rides) + 1
    counts: list[int | None] = [None] * length
    for ride in rides:
        counts[ride.hour] = ride.count
    total = [0, *accumulate(count or 0 for count in counts)]
    seen = [0, *accumulate(count is not None for count in counts)]

    def at(hour: int) -> str:
        count = counts[hour] if hour >= 0 else None
        return "" if count is None else str(count)

    def mean(last: int) -> str:
        first, end = max(last - WEEK + 1, 0), max(last + 1, 0)
        number = seen[end] - seen[first] if end > first else 0
        return f"{(total[end] - total[first]) / number:.2f}" if number else ""

    return tuple(
        (at(ride.hour - WEEK), at(ride.hour - 2 * WEEK), mean(ride.hour - WEEK)) for ride in rides
    )


def _published() -> tuple[tuple[str, ...], tuple[Ride, ...]]:
    text = gzip.decompress(FILE.read_bytes()).decode()
    reader = csv.reader(io.StringIO(text))
    header = tuple(next(reader))
    day, hour, count = (header.index(name) for name in ("dteday", "hr", "cnt"))
    rows = [tuple(row) for row in reader]
    first = date.fromisoformat(rows[0][day])
    return header, tuple(
        Ride(
            (date.fromisoformat(row[day]) - first).days * 24 + int(row[hour]), int(row[count]), row
        )
        for row in rows
    )


def _csv(header: Iterable[str], rows: Iterable[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
