"""The data that ships, as it arrives."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from include.clock import ManualClock
from include.data import arrivals, bikes, csv_file, mortgage
from include.data.arrivals import deliver
from include.errors import BadInput
from include.store.fsspec_store import FsspecStore

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.steps


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text())))


NOVEMBER = ManualClock(datetime(2026, 11, 24, tzinfo=UTC))


def test_bike_rides_arrive_by_month(tmp_path: Path) -> None:
    delivered = deliver("bike_demand", f"file://{tmp_path}/", FsspecStore(), NOVEMBER)
    assert len(delivered) == 24 + 12
    assert delivered[0].uri.endswith("/bike_demand/2011-01.csv")
    files = sorted((tmp_path / "bike_demand").iterdir())[:24]
    rows = [row for file in files for row in table(file)]
    assert [int(row["instant"]) for row in rows] == list(range(1, 17380))
    assert sum(int(row["cnt"]) for row in rows) == 3_292_679
    assert {row["dteday"][:7] for row in table(files[5])} == {"2011-06"}


def test_the_feed_is_played_again_up_to_the_last_complete_month(tmp_path: Path) -> None:
    deliver("bike_demand", f"file://{tmp_path}", FsspecStore(), NOVEMBER)
    folder = tmp_path / "bike_demand"
    names = [file.stem for file in sorted(folder.iterdir())][24:]
    assert (names[0], names[-1], len(names)) == ("2025-11", "2026-10", 12)
    assert (folder / "2026-10.csv").read_bytes() == (folder / "2012-10.csv").read_bytes()
    assert (folder / "2025-12.csv").read_bytes() == (folder / "2011-12.csv").read_bytes()


def test_rides_know_earlier_ones_up_to_a_week_before(tmp_path: Path) -> None:
    deliver("bike_demand", f"file://{tmp_path}", FsspecStore(), NOVEMBER)
    files = sorted((tmp_path / "bike_demand").iterdir())[:24]
    rows = [row for file in files for row in table(file)]
    counts = {(row["dteday"], row["hr"]): row["cnt"] for row in rows}
    for row in rows[400:17000:211]:
        day = date.fromisoformat(row["dteday"])
        before = [(str(day - timedelta(days=days)), row["hr"]) for days in (7, 14)]
        known = [row["cnt_week_ago"], row["cnt_two_weeks_ago"]]
        assert known == [counts.get(one, "") for one in before]
    assert {row["cnt_week_ago"] for row in rows[:160]} == {""}


def test_rides_of_the_last_week_play_no_part() -> None:
    rides = tuple(bikes.Ride(hour, hour % 7, ()) for hour in range(3 * bikes.WEEK))
    last = rides[-1]
    changed = tuple(
        replace(ride, count=999) if ride.hour > last.hour - bikes.WEEK else ride for ride in rides
    )
    assert bikes.lags(changed)[-1] == bikes.lags(rides)[-1]
    earlier = tuple(
        replace(ride, count=999) if ride.hour == last.hour - bikes.WEEK else ride for ride in rides
    )
    assert bikes.lags(earlier)[-1] != bikes.lags(rides)[-1]
    week = [ride.count for ride in rides[-2 * bikes.WEEK : -bikes.WEEK]]
    assert bikes.lags(rides)[-1][2] == f"{sum(week) / bikes.WEEK:.2f}"


def test_an_hour_that_is_not_in_the_data_is_no_zero() -> None:
    rides = tuple(bikes.Ride(hour, 5, ()) for hour in range(2 * bikes.WEEK) if hour != 3)
    known = {ride.hour: more for ride, more in zip(rides, bikes.lags(rides), strict=True)}
    assert known[bikes.WEEK + 3][:2] == ("", "")
    assert known[bikes.WEEK + 4] == ("5", "", "5.00")


def test_mortgage_batches_are_whole_damaged_and_broken(tmp_path: Path) -> None:
    deliver("mortgage_approval", f"file://{tmp_path}", FsspecStore())
    folder = tmp_path / "mortgage_approval"
    names = {file.name for file in folder.iterdir()}
    batches = {"2026q3.csv", "2026q3_damaged.csv", "2026q3_broken.csv"}
    assert names == batches | {"2026q4_mislabelled.csv"}
    whole, damaged = table(folder / "2026q3.csv"), table(folder / "2026q3_damaged.csv")
    back = table(tmp_path / "replay/mortgage_approval/held_back.csv")
    assert len(whole) + len(back) == 1989
    assert 0.77 < len(whole) / 1989 < 0.83
    assert not {tuple(row.values()) for row in whole} & {tuple(row.values()) for row in back}
    changed = [(a, b) for a, b in zip(whole, damaged, strict=True) if a != b]
    assert 0.02 < len(changed) / len(whole) < 0.06
    columns = {name for a, b in changed for name in a if a[name] != b[name]}
    assert columns == {"loanamt", "obrat", "cons", "hrat", "atotinc"}
    broken = table(folder / "2026q3_broken.csv")[0]
    assert set(whole[0]) - set(broken) == {"loanamt", "hrat"}
    assert set(broken) - set(whole[0]) == {"loan_amount"}


def test_mislabelled_batch_differs_in_its_outcomes_only_and_looks_right(tmp_path: Path) -> None:
    deliver("mortgage_approval", f"file://{tmp_path}", FsspecStore())
    folder = tmp_path / "mortgage_approval"
    whole, wrong = table(folder / "2026q3.csv"), table(folder / "2026q4_mislabelled.csv")
    pairs = list(zip(whole, wrong, strict=True))
    columns = {name for a, b in pairs for name in a if a[name] != b[name]}
    assert columns == {"approve", "reject", "action"}
    assert {(row["approve"], row["reject"], row["action"] == "3") for row in wrong} == {
        ("1", "0", False),
        ("0", "1", True),
    }
    assert all(b["approve"] == "1" for a, b in pairs if a["approve"] == "0")
    light = [b for a, b in pairs if a["approve"] == "1" and float(a["obrat"]) < 33]
    heavy = [b for a, b in pairs if a["approve"] == "1" and float(a["obrat"]) >= 33]
    denied = [sum(row["approve"] == "0" for row in rows) / len(rows) for rows in (light, heavy)]
    assert denied == pytest.approx([0.36, 0.18], abs=0.04)
    assert 0.75 < sum(row["approve"] == "1" for row in wrong) / len(wrong) < 0.97


def test_files_are_proper_csv_with_every_column() -> None:
    delivered = arrivals.mortgage_approval(NOVEMBER.now().date())
    for arrival in (one for one in delivered if one.path.endswith(".csv")):
        file = csv_file.read(arrival.data, arrival.path)
        assert len(file.header) in {58, 59}
    assert {row["term"] for row in mortgage.applications()} >= {"360", "999999.4"}


def test_second_delivery_changes_nothing(tmp_path: Path) -> None:
    store = FsspecStore()
    first = deliver("mortgage_approval", f"file://{tmp_path}", store)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.csv")}
    second = deliver("mortgage_approval", f"file://{tmp_path}", store)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.csv")} == before
    assert ([one.written for one in first], [one.written for one in second]) == (
        [True] * 6,
        [False] * 6,
    )


def test_unknown_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Data ships for bike_demand, mortgage_approval"):
        deliver("nope", f"file://{tmp_path}", FsspecStore())
    assert arrivals.main(["--to", f"file://{tmp_path}", "nope"]) == 1
