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


def harm_by_errors() -> list[str]:
    return [
        f"| {name.replace(', ', ' | ')} | {one['fail']:g} % | {requests(one, 'fail')} |"
        for name, one in recorded("power")["figures"]["errors"].items()
    ]


def harm_by_labels() -> list[str]:
    """Return a row for each stage and margin: no worse, two and three margins worse."""
    found = recorded("power")["figures"]["quality"]
    cells = dict.fromkeys(name.rpartition(",")[0] for name in found)
    rows = []
    for cell in cells:
        equal, two, three = (found[f"{cell}, {worse} margins worse"] for worse in (0, 2, 3))
        stage, margin = cell.split(", margin ")
        rows.append(
            f"| {stage} | {100 * float(margin):g} | {equal['pass']:g} % "
            f"| {requests(equal, 'pass')} "
            f"| {two['fail']:g} % | {requests(two, 'fail')} | {three['fail']:g} % "
            f"| {requests(three, 'fail')} |"
        )
    return rows


def requests(one: dict, verdict: str) -> str:
    """Return the median number of requests, and that of four in five; none for seldom ones."""
    if f"{verdict}_median" not in one:
        return "- | -"
    return " | ".join(f"{one[f'{verdict}_{what}']:,.0f}" for what in ("median", "four_in_five"))


@pytest.mark.parametrize("table", [detection, harm_by_errors, harm_by_labels])
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


def test_the_page_says_how_many_harmless_releases_were_rolled_back() -> None:
    told = recorded("false-alarms")
    counts, figures = told["counts"], told["figures"]
    low, high = figures["rolled_back_percent_95"]
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert (
        f"{counts['rolled_back']} of {counts['releases']:,} were rolled back "
        f"({figures['rolled_back_percent']:g} %, at most {high:.2f} % with 95 % confidence)"
    ) in page
    assert f"{counts['looks']:,} looks" in page
    assert f"{figures['naive_percent']:.0f} % of them" in page
    assert low <= figures["rolled_back_percent"] <= high <= figures["budget_percent"]
