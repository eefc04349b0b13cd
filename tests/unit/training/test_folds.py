"""Folds: nothing is predicted by a model that saw it, or what came after it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.data import row_key
from include.errors import BadInput
from include.training.fit import prepare
from include.training.folds import folds

pytestmark = pytest.mark.steps


class TestClasses:
    def test_each_row_is_held_out_once(self, toy):
        rows = prepare(toy.spec(), toy.rows())
        made = folds(toy.spec(), rows)
        assert len(made) == 5
        assert sorted(np.concatenate([fold.held_out for fold in made])) == list(range(240))
        assert all(not set(fold.fitted) & set(fold.held_out) for fold in made)

    def test_classes_keep_their_shares(self, toy):
        rows = prepare(toy.spec(), toy.rows())
        shares = [rows.truth[fold.held_out].mean() for fold in folds(toy.spec(), rows)]
        assert max(shares) - min(shares) < 0.05

    def test_rows_that_repeat_each_other_stay_together(self, toy):
        frame = toy.rows(60)
        twice = frame.loc[frame.index.repeat(2)].copy()
        twice.index = [f"{key}#2" if n % 2 else key for n, key in enumerate(twice.index)]
        rows = prepare(toy.spec(), twice)
        for fold in folds(toy.spec(), rows):
            sides = [
                {row_key.base(key) for key in twice.index[side]}
                for side in (fold.fitted, fold.held_out)
            ]
            assert not sides[0] & sides[1]

    def test_rare_class_lowers_the_number(self, toy):
        rows = toy.rows().assign(verdict=[1] * 3 + [0] * 237)
        assert len(folds(toy.spec(), prepare(toy.spec(), rows))) == 3

    def test_one_row_of_a_class_is_refused(self, toy):
        rows = toy.rows().assign(verdict=[1] + [0] * 239)
        with pytest.raises(BadInput, match="one row only"):
            folds(toy.spec(), prepare(toy.spec(), rows))

    def test_the_same_twice(self, toy):
        rows = prepare(toy.spec(), toy.rows())
        pairs = zip(folds(toy.spec(), rows), folds(toy.spec(), rows), strict=True)
        assert all(np.array_equal(one.held_out, two.held_out) for one, two in pairs)


class TestNumbers:
    def test_each_row_is_held_out_once(self, toy):
        rows = prepare(toy.regression(), toy.rows())
        made = folds(toy.regression(), rows)
        assert sorted(np.concatenate([fold.held_out for fold in made])) == list(range(240))


class TestTime:
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(days=st.integers(2, 30), per_day=st.integers(8, 12))
    def test_only_the_past_explains(self, dated, toy, days, per_day):
        spec, frame = dated(toy.regression(), days, per_day)
        rows = prepare(spec, frame)
        when = rows.frame["day"].to_numpy()
        assert (np.diff(when) >= np.timedelta64(0)).all()
        made = folds(spec, rows)
        assert len(made) == min(5, days - 1)
        for fold in made:
            assert when[fold.fitted].max() < when[fold.held_out].min()
        held = np.concatenate([fold.held_out for fold in made])
        assert len(held) == len(set(held))
        assert when[held].max() == when.max()

    def test_one_day_is_refused(self, dated, toy):
        spec, frame = dated(toy.regression(), 1)
        with pytest.raises(BadInput, match="one day"):
            folds(spec, prepare(spec, frame))

    def test_fold_without_a_class_is_left_out(self, dated, toy):
        spec, frame = dated(toy.spec())
        early = frame["day"] < frame["day"].min() + np.timedelta64(3, "D")
        rows = prepare(spec, frame.assign(verdict=frame["verdict"].where(~early, 0)))
        made = folds(spec, rows)
        assert 0 < len(made) < 5
        assert all(len(set(rows.labels[fold.fitted])) == 2 for fold in made)
