"""Two kinds of plot as SVG: equal values give equal bytes.

Written by hand: that little needs no library, and a plot may then stand inside a page of any
colours (`currentColor`), with its words as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH, LABEL, MARGIN, LINE, HEAD, FOOT = 720, 250, 70, 22, 48, 34
MOST_LINES = 40
SIDE = 360
TICKS = 5


@dataclass(frozen=True)
class Bar:
    """One line of a plot: a value with its interval, where it has one."""

    label: str
    value: float
    lower: float | None = None
    upper: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Point:
    """One point of a curve: ``weight`` between 0 and 1 is its size."""

    x: float
    y: float
    weight: float


def intervals(title: str, bars: Sequence[Bar], *, is_from_zero: bool = False) -> bytes:
    """Return a plot of values below each other, the first ``MOST_LINES`` of them.

    Args:
        title: What is shown.
        bars: The lines, top down; at least one.
        is_from_zero: Whether a bar leads from 0 to the value; else the value is a dot.
    """
    shown = bars[:MOST_LINES]
    scale = _scale([end for bar in shown for end in _ends(bar)], is_from_zero=is_from_zero)
    height = HEAD + LINE * len(shown) + FOOT
    parts = [_text(12, 24, title, weight="600"), *_axis(scale, height)]
    for place, bar in enumerate(shown):
        parts += _line(bar, HEAD + LINE * place + LINE / 2, scale, is_from_zero=is_from_zero)
    if len(bars) > len(shown):
        parts.append(_text(12, height - 10, f"and {len(bars) - len(shown)} more", size=11))
    return _document(title, WIDTH, height, parts)


def curve(title: str, points: Sequence[Point], axes: tuple[str, str]) -> bytes:
    """Return a square plot of points beside the diagonal on which x and y are equal.

    Args:
        title: What is shown.
        points: The points, by rising x; at least one.
        axes: Words for x and for y.
    """
    values = [value for point in points for value in (point.x, point.y)]
    scale = _Scale(*_range(values), LABEL / 3, LABEL / 3 + SIDE)
    bottom = HEAD + SIDE
    places = [(scale.at(one.x), bottom + scale.start - scale.at(one.y)) for one in points]
    path = " ".join(f"{_n(x)},{_n(y)}" for x, y in places)
    ends = _n(scale.start), _n(bottom), _n(scale.end), _n(float(HEAD))
    parts = [
        _text(12, 24, title, weight="600"),
        f'<path d="M{ends[0]} {ends[3]}V{ends[1]}H{ends[2]}" fill="none" stroke="currentColor"/>',
        f'<path d="M{ends[0]} {ends[1]}L{ends[2]} {ends[3]}" stroke="currentColor" '
        'stroke-dasharray="4 4" opacity="0.5"/>',
        f'<polyline points="{path}" fill="none" stroke="{_COLOUR}" stroke-width="1.5"/>',
        *(_dot(x, y, 2 + 4 * one.weight) for (x, y), one in zip(places, points, strict=True)),
        *_ticks(scale, bottom),
        _text((scale.start + scale.end) / 2, bottom + 38, axes[0], anchor="middle"),
        _text(12, HEAD - 8, axes[1], size=11),
    ]
    return _document(title, LABEL / 3 + SIDE + MARGIN, bottom + 52, parts)


_COLOUR = "#2a6fdb"


@dataclass(frozen=True)
class _Scale:
    """Values from ``low`` to ``high`` on places from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        step = (self.high - self.low) / (TICKS - 1)
        return [self.low + step * number for number in range(TICKS)]


def _scale(values: list[float], *, is_from_zero: bool) -> _Scale:
    return _Scale(*_range([*values, 0.0] if is_from_zero else values), LABEL, WIDTH - MARGIN)


def _range(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _ends(bar: Bar) -> Iterable[float]:
    return (one for one in (bar.value, bar.lower, bar.upper) if one is not None)


def _line(bar: Bar, y: float, scale: _Scale, *, is_from_zero: bool) -> list[str]:
    x = scale.at(bar.value)
    parts = [_text(LABEL - 10, y + 4, bar.label, anchor="end")]
    if is_from_zero:
        left, right = sorted((scale.at(0.0), x))
        size = f'width="{_n(right - left)}" height="12"'
        parts.append(f'<rect x="{_n(left)}" y="{_n(y - 6)}" {size} fill="{_COLOUR}"/>')
    else:
        parts.append(_dot(x, y, 4))
    if bar.lower is not None and bar.upper is not None:
        ends = f"M{_n(scale.at(bar.lower))} {_n(y)}H{_n(scale.at(bar.upper))}"
        parts.append(f'<path d="{ends}" stroke="currentColor" stroke-width="1.5"/>')
    right = max(scale.at(end) for end in _ends(bar))
    return [*parts, _text(right + 8, y + 4, bar.note or f"{bar.value:.3g}", size=11)]


def _axis(scale: _Scale, height: float) -> list[str]:
    bottom = height - FOOT
    looks = 'stroke="currentColor" opacity="0.15"'
    lines = [
        f'<path d="M{_n(scale.at(tick))} {HEAD}V{_n(bottom)}" {looks}/>' for tick in scale.ticks
    ]
    return [*lines, *_ticks(scale, bottom)]


def _ticks(scale: _Scale, bottom: float) -> list[str]:
    return [
        _text(scale.at(tick), bottom + 16, f"{tick:.3g}", anchor="middle", size=11)
        for tick in scale.ticks
    ]


def _dot(x: float, y: float, radius: float) -> str:
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{_COLOUR}"/>'


def _text(x: float, y: float, words: str, **style: object) -> str:
    anchor, size = style.get("anchor", "start"), style.get("size", 12)
    weight = style.get("weight", "400")
    looks = f'text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
    return f'<text x="{_n(x)}" y="{_n(y)}" {looks} fill="currentColor">{escape(words)}</text>'


def _document(title: str, width: float, height: float, parts: Iterable[str]) -> bytes:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'width="{_n(width)}" height="{_n(height)}" role="img" font-family="sans-serif">'
    )
    return "\n".join([head, f"<title>{escape(title)}</title>", *parts, "</svg>", ""]).encode()


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
