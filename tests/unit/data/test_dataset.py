"""Dataset versions: acquired, kept, read back with types, parted for the test window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import fsspec
import pytest

from include.data import rows as rows_of
from include.data.acquisition import LandingZone, acquire, partitions
from include.data.dataset import read_rows, save
from include.data.frame import load
from include.data.split import in_window, split
from include.errors import BadInput, ObjectMissing
from include.store.fsspec_store import FsspecStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.spec.model import Spec

pytestmark = pytest.mark.steps
ZONE = "memory://zone/loans"


@pytest.fixture
def zone() -> LandingZone:
    fsspec.filesystem("memory").store.clear()
    return LandingZone(FsspecStore(), "memory://zone", "memory://store")


def test_same_rows_are_the_same_dataset(
    spec_of: Callable[..., Spec], lines_of: Any, csv_of: Any, zone: LandingZone
) -> None:
    data = csv_of(lines_of(10))
    zone.store.write(f"{ZONE}/one.csv", data)
    zone.store.write(f"{ZONE}/two.csv", b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    zone.store.write(f"{ZONE}/three.csv", csv_of(lines_of(9)))
    one, two, three = (acquire(spec_of(), name, zone)[0] for name in ("one", "two", "three"))
    assert one.digest == two.digest != three.digest
    assert one.sources[0].sha256 != two.sources[0].sha256
    assert (one.rows, one.partitions) == (10, ("one",))
    assert [column.type for column in one.columns][:3] == ["integer", "date", "number"]


def test_partition_that_has_not_arrived_says_what_to_do(
    spec_of: Callable[..., Spec], zone: LandingZone
) -> None:
    with pytest.raises(BadInput, match="has not arrived") as caught:
        acquire(spec_of(), "2026q9", zone)
    assert caught.value.where == f"{ZONE}/2026q9.csv"
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", ".hidden", "x" * 200])
def test_partition_name_leads_nowhere(
    spec_of: Callable[..., Spec], zone: LandingZone, name: str
) -> None:
    with pytest.raises(BadInput, match="malformed partition"):
        acquire(spec_of(), name, zone)


def test_history_reaches_back_over_the_year(spec_of: Callable[..., Spec]) -> None:
    spec = spec_of(partitioning="monthly", history=3)
    assert partitions(spec, "2011-01") == ("2010-11", "2010-12", "2011-01")
    with pytest.raises(BadInput, match="malformed partition"):
        partitions(spec, "2011-13")


def test_absent_history_is_skipped_and_said(
    spec_of: Callable[..., Spec], lines_of: Any, csv_of: Any, zone: LandingZone
) -> None:
    spec = spec_of(partitioning="monthly", history=3)
    lines = lines_of(20)
    zone.store.write(f"{ZONE}/2026-02.csv", csv_of(lines[:10]))
    zone.store.write(f"{ZONE}/2026-03.csv", csv_of(lines[10:]))
    dataset, rows = acquire(spec, "2026-03", zone)
    assert dataset.partitions == ("2026-02", "2026-03")
    assert dataset.absent == ("2026-01",)
    assert rows.keys == tuple(str(number) for number in range(1, 21))
    assert (rows.partitions[10], rows.lines[10]) == ("2026-03", 2)


def test_files_with_other_columns_lie_below_each_other(
    spec_of: Callable[..., Spec], zone: LandingZone
) -> None:
    spec = spec_of(partitioning="monthly", history=2, row_key=[])
    zone.store.write(f"{ZONE}/2026-02.csv", b"a,b\n1,2\n")
    zone.store.write(f"{ZONE}/2026-03.csv", b"b,c\n3,4\n")
    rows = acquire(spec, "2026-03", zone)[1]
    assert rows.names == ("a", "b", "c")
    assert rows.cells == (("1", "2", None), (None, "3", "4"))


def test_saved_rows_come_back_typed(
    spec_of: Callable[..., Spec], lines_of: Any, csv_of: Any, zone: LandingZone
) -> None:
    spec = spec_of()
    zone.store.write(f"{ZONE}/one.csv", csv_of(lines_of(10)))
    dataset, rows = acquire(spec, "one", zone)
    with pytest.raises(ObjectMissing):
        read_rows(dataset, zone.store)
    save(dataset, rows, zone.store)
    assert read_rows(dataset, zone.store) == rows
    frame = load(dataset, spec, zone.store)
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "id": "Int64",
        "day": "datetime64[ns]",
        "amount": "float64",
        "grade": "string",
        "place": "string",
        "member": "boolean",
        "paid": "boolean",
    }
    assert frame.index.name == "_row_key"
    assert list(frame.index) == [str(number) for number in range(1, 11)]
    assert frame.loc["2", "amount"] == 3.0
    assert frame["place"].isna().sum() == 5


def test_changed_rows_are_found(
    spec_of: Callable[..., Spec], lines_of: Any, csv_of: Any, zone: LandingZone
) -> None:
    zone.store.write(f"{ZONE}/one.csv", csv_of(lines_of(10)))
    dataset, rows = acquire(spec_of(), "one", zone)
    save(dataset, rows, zone.store)
    changed = replace(rows, cells=(("9", *rows.cells[0][1:]), *rows.cells[1:]))
    zone.store.write(dataset.uri, rows_of.to_parquet(changed))
    with pytest.raises(BadInput, match="not the rows of this dataset version"):
        read_rows(dataset, zone.store)
    zone.store.write(dataset.uri, b"PAR1 no parquet")
    with pytest.raises(BadInput, match="no rows of a dataset version"):
        read_rows(dataset, zone.store)


@pytest.mark.parametrize(
    ("lines", "header", "what"),
    [
        (["1,2026-01-01,x,1,,1,1"], "id,day,amount,grade,place,member,paid", "no number"),
        (["1,2026-13-01,1,1,,1,1"], "id,day,amount,grade,place,member,paid", "no date"),
        (["1,2026-01-01,1,1,,1"], "id,day,amount,grade,place,member", "columns are missing"),
    ],
)
def test_data_that_was_never_accepted_is_no_frame(
    spec_of: Callable[..., Spec], csv_of: Any, zone: LandingZone, lines: list[str], header: str,
    what: str,
) -> None:  # fmt: skip
    zone.store.write(f"{ZONE}/one.csv", csv_of(lines, header))
    dataset, rows = acquire(spec_of(), "one", zone)
    save(dataset, rows, zone.store)
    with pytest.raises(BadInput, match=what):
        load(dataset, spec_of(), zone.store)


def frame_of(spec: Spec, data: bytes, zone: LandingZone) -> Any:
    zone.store.write(f"{ZONE}/one.csv", data)
    dataset, rows = acquire(spec, "one", zone)
    save(dataset, rows, zone.store)
    return load(dataset, spec, zone.store)


def test_hash_split_knows_only_the_key(
    spec_of: Callable[..., Spec], lines_of: Any, csv_of: Any, zone: LandingZone
) -> None:
    spec = spec_of()
    frame = frame_of(spec, csv_of(lines_of(1000)), zone)
    train, test = split(frame, spec)
    assert len(train) + len(test) == 1000
    assert 150 < len(test) < 250
    assert not set(train.index) & set(test.index)
    fewer = frame.sample(frac=0.5, random_state=1)
    assert set(split(fewer, spec)[1].index) == set(test.index) & set(fewer.index)
    assert all(in_window("17", 0.2) == in_window(f"17#{n}", 0.2) for n in range(2, 50))


def test_time_split_takes_the_last_whole_days(
    spec_of: Callable[..., Spec], lines_of: Any, csv_of: Any, zone: LandingZone
) -> None:
    spec = spec_of(split={"kind": "time", "test_share": 0.2})
    frame = frame_of(spec, csv_of(lines_of(280)), zone)
    train, test = split(frame, spec)
    assert train["day"].max() < test["day"].min()
    assert len(test) == 60  # six days of ten rows: five days would be less than a fifth
    one_day = frame[frame["day"] == frame["day"].iloc[0]]
    with pytest.raises(BadInput, match="too few days"):
        split(one_day, spec)


def test_split_leaves_no_side_empty(
    spec_of: Callable[..., Spec], lines_of: Any, csv_of: Any, zone: LandingZone
) -> None:
    spec = spec_of()
    frame = frame_of(spec, csv_of(lines_of(1)), zone)
    with pytest.raises(BadInput, match="one side empty"):
        split(frame, spec)
