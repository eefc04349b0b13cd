"""Plots: what they show, that they are SVG, and that equal reports give equal bytes."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from include.evaluation.fairness.report import Rules, report
from include.evaluation.plots import plots
from include.evaluation.plots.drawing import MOST_LINES, Bar, Point, curve, intervals
from include.evaluation.records import Attribution, Bin, Calibration, Explanation, Slice
from include.evaluation.report import EvaluationReport, Window
from include.verdict import Verdict

pytestmark = pytest.mark.steps
SVG = "{http://www.w3.org/2000/svg}"


def words(svg: bytes) -> list[str]:
    return [one.text for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def whole(**parts: object) -> EvaluationReport:
    window = Window(rows=4, kind="hash", first="a", last="d", digest="d")
    return EvaluationReport(
        model="m", model_digest="1", dataset_digest="2", window=window, level=0.95, resamples=9,
        estimates=(), undefined=(), used_before=0, **parts,
    )  # fmt: skip


def explanation(verdict: Verdict = Verdict.PASS) -> Explanation:
    features = (
        Attribution(column="income", size=0.3, error=0.02),
        Attribution(column="<age> & co", size=0.1, error=None),
    )
    return Explanation(
        verdict=verdict, method="exact", output="P(paid = 1)", rows=9, background=8, seed=1,
        base=0.5, residual=0.0, features=features if verdict is Verdict.PASS else (),
    )  # fmt: skip


def slice_of(part: str, value: float | None) -> Slice:
    verdict = Verdict.NO_DATA if value is None else Verdict.PASS
    return Slice(
        column="town", part=part, metric="auc", rows=40, verdict=verdict, value=value,
        lower=value and value - 0.1, upper=value and value + 0.1,
    )  # fmt: skip


def test_each_part_of_a_report_has_its_plot() -> None:
    bins = (Bin(rows=10, said=0.2, happened=0.3), Bin(rows=10, said=0.8, happened=0.7))
    calibration = Calibration(
        bins=bins, error=0.1, error_lower=0.05, error_upper=0.2, slope=1, slope_lower=0.8,
        slope_upper=1.2, level=0,
    )  # fmt: skip
    groups = pd.DataFrame({"sex": ["f", "m"] * 50})
    selected = np.array([True] * 60 + [False] * 40)
    fairness = report(groups, selected, selected, Rules(0.95, 30, ()))
    made = whole(
        calibration=calibration,
        explanations=explanation(),
        fairness=fairness,
        slices=(slice_of("Ames", 0.8), slice_of("Bath", None)),
    )
    found = {one.name: one.svg for one in plots(made)}
    assert list(found) == ["calibration", "explanations", "fairness", "slices"]
    assert {one.name: one.svg for one in plots(made)} == found
    assert "30/50" in words(found["fairness"])
    assert "sex = f" in words(found["fairness"])
    assert "<age> & co" in words(found["explanations"])
    assert "town = Ames" in words(found["slices"])
    assert "town = Bath" not in words(found["slices"])
    assert len(ElementTree.fromstring(found["calibration"]).findall(f"{SVG}circle")) == 2


def test_what_is_not_there_has_no_plot() -> None:
    assert plots(whole()) == ()
    broken = whole(explanations=explanation(Verdict.ERROR), slices=(slice_of("Bath", None),))
    assert plots(broken) == ()


def test_values_stand_where_they_belong() -> None:
    root = ElementTree.fromstring(intervals("t", [Bar("a", 1), Bar("b", 3), Bar("c", 2)]))
    places = [float(dot.get("cx")) for dot in root.findall(f"{SVG}circle")]
    assert places[2] == pytest.approx((places[0] + places[1]) / 2)
    assert places[0] < places[2] < places[1]


def test_bars_start_at_zero_on_both_sides() -> None:
    svg = intervals("t", [Bar("up", 2), Bar("down", -1)], is_from_zero=True)
    up, down = ElementTree.fromstring(svg).findall(f"{SVG}rect")
    assert float(up.get("x")) == pytest.approx(float(down.get("x")) + float(down.get("width")))
    assert float(up.get("width")) == pytest.approx(2 * float(down.get("width")), abs=0.02)


def test_equal_axes_put_the_calibrated_on_the_diagonal() -> None:
    svg = curve("t", [Point(0.1, 0.1, 1), Point(0.4, 0.9, 0.1)], ("said", "happened"))
    first, second = ElementTree.fromstring(svg).findall(f"{SVG}circle")
    height = float(first.get("cx")) + float(first.get("cy"))
    assert float(second.get("cx")) + float(second.get("cy")) < height
    assert float(first.get("r")) > float(second.get("r"))


def test_equal_values_and_many_lines_can_be_drawn() -> None:
    found = words(intervals("t", [Bar(f"line {n}", 0.5) for n in range(MOST_LINES + 3)]))
    assert "and 3 more" in found
    assert f"line {MOST_LINES}" not in found
