"""Intervals as lengths on a page; the drawing itself is in the template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.compliance.records import Cell, Chart

WIDTH, LABEL, LINE, SCALE = 640, 200, 22, 24
LONGEST_WORD = 24
_LEFT, _RIGHT = LABEL + 10, WIDTH - 90


@dataclass(frozen=True)
class Line:
    """One bar: places in pixels."""

    label: str
    words: str
    y: int
    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Drawing:
    """A chart, measured."""

    title: str
    words: str
    height: int
    left: int
    right: int
    low: str
    high: str
    lines: tuple[Line, ...]


def drawing(chart: Chart) -> Drawing:
    """Return where everything of a chart stands."""

    def place(value: float) -> float:
        share = (value - chart.low) / (chart.high - chart.low)
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)

    lines = tuple(
        Line(
            label=bar.label,
            words=shown(bar.value),
            y=LINE * number + LINE // 2,
            value=place(bar.value),
            lower=place(bar.lower),
            upper=place(bar.upper),
        )
        for number, bar in enumerate(chart.bars)
    )
    told = "; ".join(
        f"{b.label} {shown(b.value)}, {shown(b.lower)} to {shown(b.upper)}" for b in chart.bars
    )
    return Drawing(
        title=chart.title,
        words=told,
        height=LINE * len(lines) + SCALE,
        left=_LEFT,
        right=_RIGHT,
        low=shown(chart.low),
        high=shown(chart.high),
        lines=lines,
    )


def shown(value: Cell) -> str:
    """Return a cell as people read it: numbers to four digits, `-` for nothing."""
    if value is None or value == "":
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else value


def is_long(value: Cell) -> bool:
    """Say whether a cell holds a word that has to be broken, such as a digest or an address."""
    return isinstance(value, str) and any(len(word) > LONGEST_WORD for word in value.split())
