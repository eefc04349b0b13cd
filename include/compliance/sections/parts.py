"""What sections are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Bar, Chart, Fact, Gap, Missing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from include.compliance.records import Cell


def gaps(section: str, *found: object) -> tuple[Gap, ...]:
    """Return a gap for each ``Missing`` among what was looked for."""
    return tuple(
        Gap(section=section, what=one.what, remedy=one.remedy)
        for one in found
        if isinstance(one, Missing)
    )


def facts(**named: Cell) -> tuple[Fact, ...]:
    """Return named values; ``_`` in a name is read as a space."""
    return tuple(Fact(name=name.replace("_", " "), value=value) for name, value in named.items())


def moment(at: datetime | None) -> str | None:
    """Return a moment as people and machines read it: UTC, to the second."""
    return None if at is None else f"{at:%Y-%m-%d %H:%M:%S}Z"


def yes(is_so: bool) -> str:
    """Return a claim as a word."""
    return "yes" if is_so else "no"


def listed(names: Iterable[object]) -> str | None:
    """Return names with commas; none for no name."""
    return ", ".join(str(name) for name in names) or None


def chart(title: str, bars: tuple[Bar, ...], ends: tuple[float, float]) -> tuple[Chart, ...]:
    """Return a chart of bars, none for no bars; the scale holds all intervals and both ends."""
    if not bars:
        return ()
    low = min(ends[0], *(bar.lower for bar in bars))
    high = max(ends[1], *(bar.upper for bar in bars))
    return (Chart(title=title, bars=bars, low=low, high=high if high > low else low + 1),)
