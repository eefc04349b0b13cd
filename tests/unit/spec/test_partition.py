from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import BadInput
from include.spec.model import Partitioning
from include.spec.partition import Beginning, PartitionedRun, partition_of

SECONDS = st.integers(946_684_800, 4_102_444_800)
INSTANTS = SECONDS.map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
MONTHLY = PartitionedRun(
    beginning=Beginning.SCHEDULED,
    partitioning=Partitioning.MONTHLY,
    default="",
    requested="",
    interval_start=datetime(2011, 3, 1, tzinfo=UTC),
    run_after=datetime(2011, 4, 1, tzinfo=UTC),
)
NAMED = replace(MONTHLY, partitioning=Partitioning.NAMED, default="good")
WITHOUT_INTERVAL = {"interval_start": None, "run_after": datetime(2026, 3, 31, 12, tzinfo=UTC)}


@pytest.mark.parametrize("beginning", list(Beginning))
def test_a_month_is_the_start_of_the_interval_however_the_run_began(beginning: Beginning) -> None:
    assert partition_of(replace(MONTHLY, beginning=beginning)) == "2011-03"


@pytest.mark.parametrize("beginning", [Beginning.MANUAL, Beginning.ASSET_TRIGGERED])
def test_without_logical_date_it_is_the_last_complete_month(beginning: Beginning) -> None:
    run = replace(MONTHLY, beginning=beginning, **WITHOUT_INTERVAL)
    assert partition_of(run) == "2026-02"


def test_a_person_may_ask_for_another_month() -> None:
    run = replace(MONTHLY, beginning=Beginning.MANUAL, requested="2012-12", **WITHOUT_INTERVAL)
    assert partition_of(run) == "2012-12"


@pytest.mark.parametrize("beginning", [Beginning.BACKFILL, Beginning.SCHEDULED])
def test_a_run_that_owns_an_interval_cannot_be_asked_for_another(beginning: Beginning) -> None:
    run = replace(MONTHLY, beginning=beginning, requested="2011-03")
    assert partition_of(run) == "2011-03"
    with pytest.raises(BadInput, match="month of its data interval, 2011-03"):
        partition_of(replace(run, requested="2011-04"))


@pytest.mark.parametrize("wrong", ["2011-13", "2011-00", "11-03", "2011-3", "2011-03 ", "../etc"])
def test_a_malformed_month_is_refused(wrong: str) -> None:
    with pytest.raises(BadInput, match="not a month"):
        partition_of(replace(MONTHLY, beginning=Beginning.MANUAL, requested=wrong))


def test_a_named_batch_is_the_one_asked_for_else_the_default() -> None:
    assert partition_of(NAMED) == "good"
    assert partition_of(replace(NAMED, requested="damaged")) == "damaged"


@pytest.mark.parametrize("wrong", ["../good", "a/b", ".hidden", "good\n", "x" * 101])
def test_a_batch_that_is_no_plain_name_is_refused(wrong: str) -> None:
    with pytest.raises(BadInput, match="no usable partition"):
        partition_of(replace(NAMED, requested=wrong))


def test_no_name_at_all_is_refused() -> None:
    with pytest.raises(BadInput, match="no usable partition"):
        partition_of(replace(NAMED, default=""))


@given(INSTANTS)
def test_an_interval_decides_alone(start: datetime) -> None:
    run = replace(MONTHLY, interval_start=start)
    answers = {
        partition_of(replace(run, run_after=start + timedelta(days=days))) for days in (0, 1, 400)
    }
    assert answers == {f"{start:%Y-%m}"}


@given(INSTANTS)
def test_without_an_interval_the_month_is_over_and_is_the_latest_such(after: datetime) -> None:
    run = replace(MONTHLY, beginning=Beginning.MANUAL, interval_start=None, run_after=after)
    month = date.fromisoformat(f"{partition_of(run)}-01")
    following = (month + timedelta(days=32)).replace(day=1)
    assert following == after.date().replace(day=1)
