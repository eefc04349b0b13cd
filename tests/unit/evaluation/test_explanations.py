"""SHAP values: against all coalitions, the linear closed form, and the axioms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from include.evaluation import explanations
from include.evaluation.explanations import Question, explain, sample
from include.verdict import Verdict

pytestmark = [
    pytest.mark.steps,
    # SHAP and what it imports use what their libraries have deprecated.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]
DRAW = np.random.default_rng(11)
TOWNS = np.array(["Ames", "Bath", "Cork", np.nan], dtype=object)


def rows(count: int, more: int = 0) -> pd.DataFrame:
    """Return rows of every kind of column: numbers close together, missing values, text."""
    income = 1000 + DRAW.normal(size=count) * 1e-3
    income[::7] = np.nan
    frame = pd.DataFrame({
        "income": income,
        "age": DRAW.integers(18, 80, count).astype(float),
        "town": DRAW.choice(TOWNS, count),
        "owner": DRAW.integers(0, 2, count).astype(float),
    })
    return frame.assign(**{f"more{n}": DRAW.normal(size=count) for n in range(more)})


def crooked(frame: pd.DataFrame) -> np.ndarray:
    """Score with interactions of three features, one of them text; `owner` plays no part."""
    income = np.nan_to_num((frame["income"].to_numpy() - 1000) * 1e3, nan=3.0)
    town = np.where(frame["town"].isna(), 0.7, frame["town"].eq("Bath") * 2.0)
    return np.tanh(income * town) + frame["age"].to_numpy() / 50 * town


def knotted(frame: pd.DataFrame) -> np.ndarray:
    """Score where three features matter together: there and back over pairs alone is exact."""
    return crooked(frame) * frame["more0"].to_numpy()


def question(scores, background: pd.DataFrame, asked: pd.DataFrame) -> Question:
    return Question(scores, background, asked, scores(asked), "score")


def brute(scores, background: pd.DataFrame, asked: pd.DataFrame) -> dict[str, float]:
    """Return mean absolute Shapley values by their definition (Shapley 1953)."""
    names, total = list(asked.columns), {}
    for place, name in enumerate(names):
        rest = names[:place] + names[place + 1 :]
        sizes = []
        for number in range(len(asked)):
            row, value = asked.iloc[number], 0.0
            for size in range(len(rest) + 1):
                weight = math.factorial(size) * math.factorial(len(rest) - size)
                for known in itertools.combinations(rest, size):
                    with_it = background.assign(**{one: row[one] for one in (*known, name)})
                    without = background.assign(**{one: row[one] for one in known})
                    gain = scores(with_it).mean() - scores(without).mean()
                    value += weight / math.factorial(len(names)) * gain
            sizes.append(abs(value))
        total[name] = float(np.mean(sizes))
    return total


def test_equal_to_the_definition_over_all_coalitions() -> None:
    background, asked = rows(25), rows(6)
    found = explain(question(crooked, background, asked), 3)
    expected = brute(crooked, background, asked)
    assert (found.verdict, found.method) == (Verdict.PASS, "exact")
    assert found.residual < 1e-12
    assert found.base == pytest.approx(crooked(background).mean())
    for one in found.features:
        assert one.size == pytest.approx(expected[one.column], abs=1e-6)
    sizes = [one.size for one in found.features]
    assert sizes == sorted(sizes, reverse=True)


def test_a_feature_without_a_part_gets_nothing() -> None:
    found = explain(question(crooked, rows(40), rows(10)), 3)
    (owner,) = [one for one in found.features if one.column == "owner"]
    assert (owner.size, owner.error) == (pytest.approx(0, abs=1e-12), pytest.approx(0, abs=1e-12))


@pytest.mark.parametrize(("more", "method"), [(0, "exact"), (9, "permutations")])
def test_of_a_linear_model_weight_times_distance_from_the_whole_background(
    more: int, method: str
) -> None:
    """150 background rows: the library's own default would take 100 of them."""
    background = rows(150, more).drop(columns="town").fillna(1000.0)
    asked = rows(12, more).drop(columns="town").fillna(1000.0)
    weights = np.linspace(-2, 3, background.shape[1])

    def linear(frame: pd.DataFrame) -> np.ndarray:
        return frame.to_numpy() @ weights + 5

    found = explain(question(linear, background, asked), 1)
    assert found.method.startswith(method)
    exact = np.abs(weights * (asked - background.mean()).to_numpy())
    for place, name in enumerate(asked.columns):
        (one,) = [one for one in found.features if one.column == name]
        assert one.size == pytest.approx(exact[:, place].mean(), abs=1e-9)
        error = exact[:, place].std(ddof=1) / math.sqrt(len(asked))
        assert one.error == pytest.approx(error, abs=1e-9)


def test_a_known_game() -> None:
    """Ten points for both of two: Shapley gives 3.75 to each, from a base of 2.5."""
    background = pd.DataFrame({"a": [0.0, 0, 1, 1], "b": [0.0, 1, 0, 1]})
    both = pd.DataFrame({"a": [1.0], "b": [1.0]})
    found = explain(question(lambda frame: 10 * frame["a"] * frame["b"], background, both), 1)
    assert found.base == pytest.approx(2.5)
    assert [(one.size, one.error) for one in found.features] == [(pytest.approx(3.75), None)] * 2


@pytest.mark.parametrize("more", [0, 9])
def test_the_order_of_columns_makes_no_difference(more: int) -> None:
    background, asked = rows(30, more), rows(8, more)
    found = explain(question(crooked, background, asked), 5)
    turned = [*reversed(asked.columns)]
    assert explain(question(crooked, background[turned], asked[turned]), 5) == found


def test_equal_seeds_give_equal_values_and_leave_the_generator_alone() -> None:
    asked = question(knotted, rows(30, 9), rows(8, 9))
    before = np.random.get_state()[1].tolist()
    first = explain(asked, 5)
    assert explain(asked, 5) == first
    assert explain(asked, 6).features != first.features
    assert np.random.get_state()[1].tolist() == before


@pytest.mark.parametrize("wrong", [1e-3, np.nan])
def test_values_that_do_not_add_up_rank_nothing(wrong: float) -> None:
    asked = rows(8)
    shifted = crooked(asked) + np.array([wrong, *[0.0] * 7])
    found = explain(Question(crooked, rows(30), asked, shifted, "score"), 1)
    assert (found.verdict, found.features, found.base) == (Verdict.ERROR, (), None)


def test_a_model_that_says_one_thing_goes_by_nothing() -> None:
    found = explain(question(lambda frame: np.zeros(len(frame)), rows(10, 9), rows(5, 9)), 1)
    assert found.verdict is Verdict.PASS
    assert {one.size for one in found.features} == {0.0}


def test_a_sample_is_seeded_and_keeps_the_order() -> None:
    frame = rows(50)
    drawn = sample(frame, 20, 3)
    assert len(drawn) == 20
    assert drawn.index.is_monotonic_increasing
    assert sample(frame, 20, 3).equals(drawn)
    assert not sample(frame, 20, 4).equals(drawn)
    assert sample(frame, 50, 3) is frame


def test_close_numbers_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that differ by one part in 10^8 are no coalition's noise."""
    monkeypatch.setattr(explanations, "EXACT", 0)
    background = pd.DataFrame({"big": [1e8, 1e8 + 1, 1e8 + 2]})
    asked = pd.DataFrame({"big": [1e8 + 2]})
    found = explain(question(lambda frame: frame["big"].to_numpy() - 1e8, background, asked), 1)
    assert found.features[0].size == pytest.approx(1.0)
