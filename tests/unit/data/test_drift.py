"""Drift: what counts as one, what is chance, and what cannot be told."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from include.data import bikes
from include.data.drift import drift
from include.data.frame import frame
from include.data.reference import MISSING, MOST_ROWS, ReferenceProfile, profile
from include.data.types import converter
from include.spec import compiled
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.spec.model import Spec

pytestmark = [pytest.mark.steps, pytest.mark.filterwarnings("ignore")]
Make = Callable[..., pd.DataFrame]
ROOT = Path(__file__).parents[3]
WATCHED = ("amount", "grade", "place", "member", "paid")


@pytest.fixture
def spec(spec_of: Callable[..., Spec]) -> Spec:
    return spec_of()


@pytest.fixture
def rows(spec: Spec) -> Make:
    def make(count: int, seed: int, **changed: Any) -> pd.DataFrame:
        draw = np.random.default_rng(seed)
        values = {
            "id": [*range(count)],
            "day": ["2026-01-01"] * count,
            "amount": [*map(float, draw.normal(300, 50, count))],
            "grade": [*map(str, draw.integers(1, 4, count))],
            "place": [["north", "south", None][n] for n in draw.integers(0, 3, count)],
            "member": [bool(n) for n in draw.integers(0, 2, count)],
            "paid": [bool(n) for n in draw.integers(0, 2, count)],
        }
        return frame(values | changed, [str(n) for n in range(count)], spec)

    return make


def verdicts(found: Any) -> dict[str, str]:
    return {one.column: one.verdict.value for one in found.columns}


def test_rows_of_the_same_kind_have_not_drifted(spec: Spec, rows: Make) -> None:
    found = drift("7", profile(rows(800, 1), spec), rows(800, 2), spec)
    assert (found.verdict, found.drifted, found.share) == (Verdict.PASS, (), 0.0)
    assert found.message == "no column has drifted from what version 7 was trained on"
    assert tuple(verdicts(found)) == WATCHED
    assert (found.rows, found.reference_rows) == (800, 800)


def test_moved_number_and_changed_shares_are_named(spec: Spec, rows: Make) -> None:
    draw = np.random.default_rng(3)
    moved = rows(
        600,
        2,
        amount=[*map(float, draw.normal(325, 50, 600))],
        place=["east"] * 300 + ["north"] * 300,
        member=[n % 10 < 8 for n in range(600)],
    )
    found = drift("7", profile(rows(900, 1), spec), moved, spec)
    assert found.drifted == ("amount", "place", "member")
    assert found.verdict is Verdict.FAIL
    assert found.share == pytest.approx(3 / 5)
    assert "3 of 5 columns have drifted" in found.message
    amount = found.columns[0]
    assert (amount.statistic, amount.threshold) == ("wasserstein", 0.1)
    then, now = rows(900, 1)["amount"], moved["amount"]
    expected = stats.wasserstein_distance(then, now) / then.std(ddof=0)
    assert amount.value == pytest.approx(expected, abs=1e-6)
    member = found.columns[3]
    before = rows(900, 1)["member"].mean()
    middle = np.array([before + 0.8, 2 - before - 0.8]) / 2
    both = ([before, 1 - before], [0.8, 0.2])
    divergence = sum(stats.entropy(one, middle) for one in both) / 2
    assert member.value == pytest.approx(np.sqrt(divergence), abs=1e-6)


def test_far_by_chance_is_inconclusive(spec: Spec, rows: Make) -> None:
    """Forty rows of the same kind are seldom as close as the threshold asks."""
    found = drift("7", profile(rows(800, 1), spec), rows(40, 5), spec)
    assert Verdict.INCONCLUSIVE in {one.verdict for one in found.columns}
    assert found.drifted == ()
    assert found.verdict is Verdict.INCONCLUSIVE


def test_false_alarms_are_rare(spec: Spec, rows: Make) -> None:
    known = profile(rows(800, 1), spec)
    alarms = sum(bool(drift("7", known, rows(60, seed), spec).drifted) for seed in range(2, 42))
    assert alarms <= 6  # 40 partitions at 5 %: more has a chance below 0.5 %


def test_tiny_numbers_move_too(spec: Spec, rows: Make) -> None:
    """Evidently takes no deviation below 0.001; a column of such numbers is no exception here."""
    draw = np.random.default_rng(3)
    then = rows(400, 1, amount=[*map(float, draw.normal(1, 1e-6, 400))])
    now = rows(400, 1, amount=[*map(float, draw.normal(1 + 1e-6, 1e-6, 400))])
    found = drift("7", profile(then, spec), now, spec)
    assert found.drifted == ("amount",)
    assert found.columns[0].value == pytest.approx(1, abs=0.1)


def test_constant_and_empty_columns(spec: Spec, rows: Make) -> None:
    known = profile(rows(100, 1, amount=[5.0] * 100, member=[True] * 100), spec)
    same = drift("7", known, rows(100, 2, amount=[5.0] * 100, member=[True] * 100), spec)
    assert verdicts(same)["amount"] == verdicts(same)["member"] == "pass"
    gone = drift("7", known, rows(100, 2, amount=[None] * 100, member=[True] * 100), spec)
    assert verdicts(gone)["amount"] == "no_data"
    assert gone.share == 0.0


def test_too_few_rows_tell_nothing(spec: Spec, rows: Make) -> None:
    found = drift("7", profile(rows(100, 1), spec), rows(20, 2), spec)
    assert (found.verdict, found.share) == (Verdict.NO_DATA, None)
    assert "nothing can be told" in found.message


def test_profile_holds_no_row_and_is_reproducible(spec: Spec, rows: Make) -> None:
    known = profile(rows(MOST_ROWS + 500, 1), spec)
    assert (known.rows, known.sampled) == (MOST_ROWS + 500, MOST_ROWS)
    amount, place = known.columns[0], known.columns[2]
    assert list(amount.numbers) == sorted(amount.numbers)
    assert sum(one.rows for one in place.counts) == MOST_ROWS
    assert [one.value for one in place.counts] == [MISSING, "north", "south"]
    assert profile(rows(MOST_ROWS + 500, 1), spec) == known
    assert ReferenceProfile.model_validate_json(known.model_dump_json()) == known


def test_column_that_the_contract_has_lost_is_left_out(spec: Spec, rows: Make) -> None:
    known = profile(rows(100, 1), spec)
    renamed = known.columns[0].model_copy(update={"name": "sum"})
    older = known.model_copy(update={"columns": (renamed, *known.columns[1:])})
    found = drift("7", older, rows(100, 2), spec)
    assert tuple(verdicts(found)) == WATCHED[1:]


def test_the_second_winter_has_the_weather_of_the_first_and_more_rides() -> None:
    spec = compiled.read(ROOT / "dags/compiled/bike_demand.json").spec
    files = bikes.months()

    def months(*names: str) -> pd.DataFrame:
        texts = [pd.read_csv(io.BytesIO(files[name]), dtype=str).fillna("") for name in names]
        part = pd.concat(texts)
        values = {
            column.name: [*map(converter(column), part[column.name])]
            for column in spec.data.columns
        }
        return frame(values, [*part["instant"]], spec)

    known = profile(months("2011-01", "2011-02", "2011-03"), spec)
    found = drift("1", known, months("2012-01"), spec)
    assert set(found.drifted) == {"cnt", *bikes.LAGS}
    (count,) = [one for one in found.columns if one.column == "cnt"]
    assert count.value is not None
    assert count.value > 0.5
