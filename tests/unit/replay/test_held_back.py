"""Which rows may be sent: those that no version can have been trained on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from include.errors import BadInput
from include.replay import request
from include.replay.held_back import HeldBack, held_back
from tests.support.replay_zone import Zone, mortgage, spec_of

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "mortgage_approval"
APART = f"replay/{MODEL}/held_back.csv"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    made = Zone(tmp_path)
    made.write(f"{MODEL}/2026q3.csv", [mortgage(n) for n in range(5)])
    return made


def held(zone: Zone) -> HeldBack:
    return held_back(spec_of(MODEL), zone.zone)


def test_rows_that_never_arrived_are_sent_whole_and_with_their_label(zone: Zone) -> None:
    zone.write(APART, [mortgage(10), mortgage(11, approve="0", action="3", reject="1")])
    found = held(zone)
    assert [one.label for one in found.applications] == [1, 0]
    assert (found.arrived, found.incomplete, found.compared) == (0, 0, 5)
    body = request.body(found.features, [one.cells for one in found.applications])
    inputs = {one["name"]: one for one in json.loads(body)["inputs"]}
    assert set(inputs) == {column.name for column in spec_of(MODEL).data.features}
    assert (inputs["loanamt"]["data"], inputs["loanamt"]["datatype"]) == ([110.0, 111.0], "FP64")
    assert (inputs["cons"]["data"], inputs["cons"]["datatype"]) == (["1", "1"], "BYTES")
    assert (inputs["multi"]["data"], inputs["multi"]["shape"]) == ([False, False], [2])


@pytest.mark.parametrize(
    "changes",
    [{}, {"approve": "0", "action": "3", "reject": "1"}, {"term": "360.0"}, {"typur": "3"}],
    ids=["the same", "another label", "another spelling", "another later value"],
)
def test_a_row_that_arrived_is_never_sent(zone: Zone, changes: dict[str, str]) -> None:
    zone.write(APART, [mortgage(3, **changes), mortgage(10)])
    found = held(zone)
    assert (len(found.applications), found.arrived) == (1, 1)


def test_rows_of_every_batch_count_as_arrived(zone: Zone) -> None:
    zone.write(f"{MODEL}/2027q1.csv", [mortgage(10)])
    zone.write(APART, [mortgage(10), mortgage(11)])
    assert held(zone).arrived == 1


def test_rows_of_a_file_from_elsewhere_count_too(zone: Zone) -> None:
    zone.learn(MODEL, "old", zone.write("elsewhere/old.csv", [mortgage(10)]))
    zone.write(APART, [mortgage(10), mortgage(11)])
    assert held(zone).arrived == 1


def test_all_of_it_arrived_is_a_refusal(zone: Zone) -> None:
    zone.write(APART, [mortgage(1), mortgage(2)])
    with pytest.raises(BadInput, match=r"no row is left.*2 arrived"):
        held(zone)


@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_training_file_that_changed_proves_nothing(zone: Zone, tmp_path: Path, how: str) -> None:
    zone.learn(MODEL, "2026q3", f"file://{tmp_path}/arrivals/{MODEL}/2026q3.csv")
    zone.write(APART, [mortgage(10)])
    assert held(zone).applications
    file = tmp_path / f"arrivals/{MODEL}/2026q3.csv"
    file.unlink() if how == "gone" else file.write_text(file.read_text() + "\n")
    with pytest.raises(BadInput, match="cannot be proved"):
        held(zone)


@pytest.mark.parametrize(
    "changes",
    [{"hrat": ""}, {"hrat": "a lot"}, {"hrat": "140"}, {"cons": "9"}, {"approve": ""},
     {"multi": ""}],
)  # fmt: skip
def test_what_no_request_can_say_is_left_out(zone: Zone, changes: dict[str, str]) -> None:
    zone.write(APART, [mortgage(10, **changes), mortgage(11)])
    found = held(zone)
    assert (len(found.applications), found.incomplete) == (1, 1)


def test_a_row_twice_is_one_application(zone: Zone) -> None:
    zone.write(APART, [mortgage(10), mortgage(10)])
    assert len(held(zone).applications) == 1


def test_nothing_held_back_says_where_it_would_be(tmp_path: Path) -> None:
    made = Zone(tmp_path)
    made.write(f"{MODEL}/2026q3.csv", [mortgage(1)])
    with pytest.raises(BadInput, match=r"nothing is held back.*held_back\.csv|held_back\.csv: "):
        held(made)


def test_the_population_is_said_where_somebody_wrote_it(zone: Zone, tmp_path: Path) -> None:
    zone.write(APART, [mortgage(10)])
    assert held(zone).population == f"the data of {MODEL}"
    (tmp_path / f"arrivals/replay/{MODEL}/population.txt").write_text("Boston, 1990\n")
    assert held(zone).population == "Boston, 1990"


def ride(instant: int, month: str) -> dict[str, str]:
    return {
        "instant": str(instant), "dteday": f"{month}-03", "season": "1", "yr": "0", "mnth": "1",
        "hr": "7", "holiday": "0", "weekday": "1", "workingday": "1", "weathersit": "1",
        "temp": "0.3", "atemp": "0.3", "hum": "0.5", "windspeed": "0.1", "casual": "3",
        "registered": "7", "cnt": "10",
        "cnt_week_ago": "9", "cnt_two_weeks_ago": "8", "cnt_mean_week_ago": "9.5",
    }  # fmt: skip


def test_of_dated_data_the_later_months_are_held_back(tmp_path: Path) -> None:
    zone = Zone(tmp_path)
    for place, month in enumerate(("2011-01", "2011-02", "2011-03")):
        uri = zone.write(f"bike_demand/{month}.csv", [ride(place, month)])
        if month == "2011-01":
            zone.learn("bike_demand", month, uri)
    found = held_back(spec_of("bike_demand"), zone.zone)
    assert [one.label for one in found.applications] == [10, 10]
    assert "2011-02 to 2011-03" in found.why


def test_a_month_that_is_played_again_was_learnt_before(tmp_path: Path) -> None:
    zone = Zone(tmp_path)
    uri = zone.write("bike_demand/2011-01.csv", [ride(1, "2011-01")])
    zone.learn("bike_demand", "2011-01", uri)
    zone.write("bike_demand/2025-01.csv", [ride(1, "2011-01")])
    with pytest.raises(BadInput, match="no row is left"):
        held_back(spec_of("bike_demand"), zone.zone)


def test_without_a_later_month_nothing_is_held_back(tmp_path: Path) -> None:
    zone = Zone(tmp_path)
    uri = zone.write("bike_demand/2011-02.csv", [ride(1, "2011-02")])
    with pytest.raises(BadInput, match="newest held none"):
        held_back(spec_of("bike_demand"), zone.zone)
    zone.learn("bike_demand", "2011-02", uri)
    zone.write("bike_demand/2011-01.csv", [ride(2, "2011-01")])
    with pytest.raises(BadInput, match=r"its split is by time.*newest held 2011-02"):
        held_back(spec_of("bike_demand"), zone.zone)
