"""The tables of docs/statistics.md say what the soaks recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/statistics.md"


def recorded(name: str) -> dict:
    return json.loads((ROOT / f"docs/soak/{name}.json").read_text(encoding="utf-8"))


def detection() -> list[str]:
    return [
        f"| {name if name == 'shadow' else name + ' %'} | {one['median_seconds']:.1f} "
        f"| {one['p99_seconds']:.1f} | {one['slowest_seconds']:.1f} |"
        for name, one in recorded("error-detection")["figures"].items()
    ]


@pytest.mark.parametrize("table", [detection])
def test_every_recorded_row_is_in_the_page(table) -> None:
    rows = table()
    page = PAGE.read_text(encoding="utf-8").splitlines()
    assert rows
    first = page.index(rows[0])
    assert page[first : first + len(rows)] == rows


def test_the_page_names_the_settings_of_the_code() -> None:
    from include.evidence.counts import PRIOR_WEIGHT
    from include.evidence.split import REQUESTS_PER_UNIT, TOLERANCE
    from include.rollout.signals.quality import NO_WORSE

    page = PAGE.read_text(encoding="utf-8")
    assert f"Prior weight c = {PRIOR_WEIGHT:g}." in page
    assert f"`|z| > {TOLERANCE:g}`" in page
    assert f"lots of {REQUESTS_PER_UNIT}" in page
    assert f'("no worse than the margin") {NO_WORSE:g}' in page
