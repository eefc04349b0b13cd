"""The policy of selection, rule by rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import Rejected
from include.training.policy import Contender, Kind, Score, gain, select

pytestmark = pytest.mark.steps

AUC, RMSE = Score("auc", is_higher_better=True), Score("rmse", is_higher_better=False)


def one(name, *scores, latency=0.001, kind=Kind.SINGLE):
    return Contender(name, kind, scores, latency)


def test_best_mean_wins():
    chosen = select([one("a", 0.7, 0.71, 0.69), one("b", 0.9, 0.91, 0.89)], AUC)
    assert chosen.name == "b"
    assert chosen.reasons == ("b has the best auc: 0.9 over 3 fold(s)",)


def test_lower_is_better_where_it_is():
    assert select([one("a", 7.0, 7.1, 6.9), one("b", 9.0, 9.1, 8.9)], RMSE).name == "a"


def test_equally_good_and_faster_wins():
    slow, fast = one("slow", 0.80, 0.84, 0.82, latency=0.02), one("fast", 0.81, 0.82, 0.81)
    chosen = select([slow, fast], AUC)
    assert chosen.name == "fast"
    assert "fast is as good" in chosen.reasons[1]
    assert "slow 20 ms" in chosen.reasons[2]


def test_as_fast_as_makes_no_difference():
    first = one("first", 0.80, 0.84, 0.82, latency=0.0012)
    assert select([first, one("second", 0.81, 0.82, 0.81)], AUC).name == "first"


def test_worse_by_more_than_an_error_is_not_as_good():
    worse = one("worse", 0.79, 0.83, 0.81, latency=0.0001)
    assert select([one("best", 0.80, 0.84, 0.82, latency=0.02), worse], AUC).name == "best"


def test_one_fold_makes_nobody_equal():
    assert select([one("a", 0.9, latency=9.0), one("b", 0.2)], AUC).name == "a"


def test_ensemble_has_to_be_better_than_its_uncertainty():
    single = one("single", 0.80, 0.81, 0.82, 0.80, 0.81)
    sure = one("voting", 0.83, 0.84, 0.85, 0.83, 0.85, kind=Kind.ENSEMBLE)
    lucky = one("stacking", 0.99, 0.81, 0.80, 0.79, 0.81, kind=Kind.ENSEMBLE)
    chosen = select([single, sure, lucky], AUC)
    assert chosen.name == "voting"
    assert any("stacking is not kept" in reason for reason in chosen.reasons)
    assert select([single, lucky], AUC).name == "single"


def test_fold_without_a_score_is_left_out_of_the_comparison():
    single = one("single", 90.0, 70.0, 60.0, 65.0)
    voting = one("voting", None, 66.0, 56.5, 60.0, kind=Kind.ENSEMBLE)
    assert gain(voting, single, -1)[0] == pytest.approx(4.1667, abs=1e-3)
    assert select([single, voting], RMSE).name == "voting"


def test_baseline_is_never_selected_and_a_loss_to_it_is_said():
    naive = one("baseline", 0.9, 0.9, 0.9, kind=Kind.BASELINE)
    chosen = select([one("a", 0.5, 0.6, 0.5), naive], AUC)
    assert chosen.name == "a"
    assert "a DOES NOT BEAT the naive baseline" in chosen.reasons[-1]


def test_baselines_alone_are_refused():
    with pytest.raises(Rejected, match="no candidate was fitted"):
        select([one("baseline", 0.9, kind=Kind.BASELINE)], AUC)


@given(
    st.lists(
        st.tuples(
            st.lists(st.floats(0, 1), min_size=4, max_size=4),
            st.floats(1e-4, 1.0),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_who_is_selected_is_never_behind_by_more_than_an_error(drawn):
    singles = [one(f"m{n}", *scores, latency=late) for n, (scores, late) in enumerate(drawn)]
    chosen = next(c for c in singles if c.name == select(singles, AUC).name)
    best = max(singles, key=lambda c: c.mean)
    lead, error = gain(best, chosen, 1)
    assert chosen is best or lead <= error
    assert chosen.latency <= max(best.latency, 1.5 * min(c.latency for c in singles))
