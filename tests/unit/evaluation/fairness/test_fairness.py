"""Fairness by counts: published figures, fairlearn's own numbers, and what too little data says."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as fairlearn_metrics
from sklearn.metrics import accuracy_score, precision_score
from statsmodels.stats.multitest import multipletests

from include.evaluation.fairness.counts import UNKNOWN, count
from include.evaluation.fairness.disparities import holm
from include.evaluation.fairness.records import FairnessReport, Measure
from include.evaluation.fairness.report import Rules, report
from include.verdict import Verdict

pytestmark = pytest.mark.steps
RULES = Rules(level=0.95, min_denominator=30)
PEERS = {
    Measure.SELECTION: fairlearn_metrics.selection_rate,
    Measure.TRUE_POSITIVE: fairlearn_metrics.true_positive_rate,
    Measure.FALSE_POSITIVE: fairlearn_metrics.false_positive_rate,
    Measure.TRUE_NEGATIVE: fairlearn_metrics.true_negative_rate,
    Measure.FALSE_NEGATIVE: fairlearn_metrics.false_negative_rate,
    Measure.PRECISION: partial(precision_score, zero_division=0),
    Measure.NEGATIVE_PREDICTIVE_VALUE: partial(precision_score, pos_label=False, zero_division=0),
    Measure.ACCURACY: accuracy_score,
}


def outcomes(*groups: tuple[str | None, int, int]) -> FairnessReport:
    """Return a report of groups given as (name, selected, rows); everybody deserved it."""
    names = [name for name, _, rows in groups for _ in range(rows)]
    selected = [place < chosen for _, chosen, rows in groups for place in range(rows)]
    frame = pd.DataFrame({"group": names}, dtype="object")
    return report(frame, np.ones(len(names), bool), np.array(selected, bool), RULES)


def selection(found: FairnessReport, group: str) -> float | None:
    return next(one.ratio for one in found.of("group", Measure.SELECTION) if one.group == group)


class TestPublished:
    def test_new_york_impact_ratios(self) -> None:
        """Scoring example of 6 RCNY 5-301, with the smallest counts that give its rates."""
        found = report(
            pd.DataFrame({"group": ["Male"] * 92 + ["Female"] * 76}),
            np.ones(168, bool),
            np.array([True] * 50 + [False] * 42 + [True] * 34 + [False] * 42),
            RULES,
        )
        assert round(selection(found, "Female") or 0, 2) == 0.82

    def test_boston_approvals(self) -> None:
        """Approvals of the Boston Fed data (AER::HMDA): 243 of 339 and 1852 of 2041."""
        found = outcomes(("black", 243, 339), ("white", 1852, 2041))
        (one,) = found.of("group", Measure.SELECTION)
        assert (one.group, one.reference) == ("black", "white")
        assert one.ratio == pytest.approx(0.7900, abs=5e-5)
        assert one.difference == pytest.approx(243 / 339 - 1852 / 2041)

    def test_newcombe_difference(self) -> None:
        """Newcombe 1998 II, table II: 56/70 and 48/80 give 0.0524 to 0.3339."""
        found = outcomes(("a", 48, 80), ("b", 56, 70))
        (one,) = found.of("group", Measure.SELECTION)
        assert one.difference_lower == pytest.approx(-0.3339, abs=5e-5)
        assert one.difference_upper == pytest.approx(-0.0524, abs=5e-5)


def test_rates_are_those_of_fairlearn() -> None:
    """200 tables; two of the eight measures of each in turn, since fairlearn's take a while."""
    draw = np.random.default_rng(7)
    measures = [*Measure]
    for turn in range(200):
        size = int(draw.integers(40, 400))
        frame = pd.DataFrame({"group": draw.choice(list("ab"), size)})
        actual, selected = draw.random(size) < draw.random(), draw.random(size) < draw.random()
        for group in report(frame, actual, selected, RULES).groups:
            rows = frame["group"].to_numpy() == group.name
            for measure in (measures[turn % 8], measures[(turn + 3) % 8]):
                own = group.rate(measure)
                if own.denominator:
                    peer = PEERS[measure](actual[rows], selected[rows])
                    assert own.value == pytest.approx(peer, abs=1e-12), measure


def test_disparities_are_those_of_fairlearn() -> None:
    """Demographic parity and equal opportunity, where every group has enough rows."""
    draw = np.random.default_rng(13)
    for _ in range(6):
        frame = pd.DataFrame({"group": draw.choice(list("ab"), 600)})
        actual, selected = draw.random(600) < 0.6, draw.random(600) < draw.uniform(0.2, 0.9)
        found = report(frame, actual, selected, RULES)
        told = {"sensitive_features": frame["group"]}
        (rate,) = found.of("group", Measure.SELECTION)
        (chance,) = found.of("group", Measure.TRUE_POSITIVE)
        assert rate.ratio == pytest.approx(
            fairlearn_metrics.demographic_parity_ratio(actual, selected, **told), abs=1e-12
        )
        assert rate.difference == pytest.approx(
            -fairlearn_metrics.demographic_parity_difference(actual, selected, **told), abs=1e-12
        )
        assert chance.difference == pytest.approx(
            -fairlearn_metrics.equal_opportunity_difference(actual, selected, **told), abs=1e-12
        )


class TestTooLittle:
    def test_a_small_group_is_neither_fair_nor_unfair(self) -> None:
        found = outcomes(("large", 90, 100), ("small", 0, 8))
        (one,) = found.of("group", Measure.SELECTION)
        assert one.verdict is Verdict.INCONCLUSIVE
        assert one.ratio is None
        assert one.words == "8 row(s) say too little"

    def test_a_rate_without_a_denominator_has_no_value(self) -> None:
        found = outcomes(("a", 50, 60), ("b", 40, 60))
        negative = found.groups[0].rate(Measure.FALSE_POSITIVE)
        assert (negative.denominator, negative.value, negative.lower) == (0, None, None)
        verdicts = {one.verdict for one in found.of("group", Measure.FALSE_POSITIVE)}
        assert verdicts == {Verdict.INCONCLUSIVE}

    def test_the_denominator_counts_and_not_the_group(self) -> None:
        """500 rows of whom 5 deserved it say little about those who deserved it."""
        frame = pd.DataFrame({"group": ["a"] * 500 + ["b"] * 500})
        actual = np.array([True] * 5 + [False] * 495 + [True] * 400 + [False] * 100)
        found = report(frame, actual, actual, RULES)
        (rate,) = found.of("group", Measure.TRUE_POSITIVE)
        assert (rate.group, rate.verdict) == ("a", Verdict.INCONCLUSIVE)

    def test_nobody_selected_has_a_ratio_of_zero_without_interval(self) -> None:
        (one,) = outcomes(("a", 0, 60), ("b", 40, 60)).of("group", Measure.SELECTION)
        assert (one.ratio, one.ratio_lower, one.ratio_upper) == (0.0, None, None)

    def test_nobody_selected_anywhere_has_no_ratio(self) -> None:
        (one,) = outcomes(("a", 0, 60), ("b", 0, 60)).of("group", Measure.SELECTION)
        assert one.ratio is None
        assert "no ratio" in one.words

    def test_people_of_unknown_group_are_counted_and_never_the_reference(self) -> None:
        found = outcomes(("a", 30, 60), (None, 60, 60))
        unknown = next(group for group in found.groups if group.is_unknown)
        assert (unknown.name, unknown.rows) == (UNKNOWN, 60)
        assert {one.reference for one in found.of("group", Measure.SELECTION)} == {"a"}


class TestIntersections:
    frame = pd.DataFrame({"sex": ["f", "f", "m", "m"] * 50, "old": [0.0, 1.0, 0.0, None] * 50})

    def test_each_cell_is_a_group(self) -> None:
        done = np.ones(200, bool)
        groups = count(self.frame, (done, done), [("sex", "old")])
        cells = {g.name: g.confusion.rows for g in groups if g.attribute == "sex x old"}
        assert cells == {"f x 0": 50, "f x 1": 50, "m x 0": 50, f"m x {UNKNOWN}": 50}

    def test_every_row_is_in_one_group_of_each_attribute(self) -> None:
        done = np.ones(200, bool)
        groups = count(self.frame, (done, done), [("sex", "old")])
        for attribute in ("sex", "old", "sex x old"):
            assert sum(g.confusion.rows for g in groups if g.attribute == attribute) == 200


def test_simpsons_paradox_shows_in_the_intersections() -> None:
    """Berkeley 1973 in small: women less often admitted in all, more often in each department."""
    rows = [("m", "A", 80, 100), ("f", "A", 36, 40), ("m", "B", 8, 40), ("f", "B", 30, 100)]
    frame = pd.DataFrame(
        [(sex, place) for sex, place, _, size in rows for _ in range(size)],
        columns=["sex", "place"],
    )
    selected = np.array([i < chosen for _, _, chosen, size in rows for i in range(size)])
    rules = Rules(level=0.95, min_denominator=30, intersections=(("place", "sex"),))
    found = report(frame, np.ones(len(frame), bool), selected, rules)
    rate = {g.name: g.rate(Measure.SELECTION).value or 0.0 for g in found.groups}
    assert rate["f"] < rate["m"]
    assert rate["A x f"] > rate["A x m"]
    assert rate["B x f"] > rate["B x m"]


def test_holm_is_that_of_statsmodels() -> None:
    draw = np.random.default_rng(5)
    for size in (1, 2, 9):
        p_values = draw.random(size) ** 3
        assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])


def test_shuffled_groups_seldom_differ() -> None:
    """Holm keeps false alarms over all groups of a measure under 5 % (here within 3 sigma)."""
    draw = np.random.default_rng(11)
    alarms = 0
    for _ in range(100):
        frame = pd.DataFrame({"group": draw.choice(list("abcde"), 500)})
        done = np.ones(500, bool)
        found = report(frame, done, draw.random(500) < 0.7, RULES)
        alarms += any((d.p_adjusted or 1) < 0.05 for d in found.of("group", Measure.SELECTION))
    assert alarms <= 5 + 3 * (100 * 0.05 * 0.95) ** 0.5


def test_a_million_rows_are_counted_at_once() -> None:
    draw = np.random.default_rng(3)
    size = 1_000_000
    frame = pd.DataFrame({"group": draw.integers(0, 20, size)})
    actual, selected = draw.random(size) < 0.3, draw.random(size) < 0.4
    began = time.process_time()
    found = report(frame, actual, selected, RULES)
    assert time.process_time() - began < 2
    assert sum(group.rows for group in found.groups) == size
