"""Every row lands in exactly one half, whatever the rows are."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.data import row_key
from include.data.dataset import describe
from include.data.quarantine import Halves, QuarantinedRow, check, halve, part
from include.data.report import Kind, Violation
from include.data.rows import Rows, from_parquet, to_parquet
from include.errors import BadInput, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.spec.model import Spec

pytestmark = pytest.mark.steps
CELL = st.one_of(st.none(), st.sampled_from(["", "NaN", "NaT", "nan", "1", "1#2", "x|y"]), st.text(
    st.characters(exclude_categories=("Cs",)), max_size=5
))  # fmt: skip


def rows_of(cells: list[tuple[str | None, ...]], key_columns: tuple[str, ...] = ()) -> Rows:
    names = ("a", "b")
    return Rows(
        names=names,
        keys=row_key.stamp(names, cells, key_columns),
        partitions=("p",) * len(cells),
        lines=tuple(range(2, len(cells) + 2)),
        raws=tuple(",".join(cell or "" for cell in row) for row in cells),
        cells=tuple(cells),
    )


def violation(key: str, rule: str = "a.type") -> Violation:
    return Violation(row_key=key, rule=rule, kind=Kind.TYPE, column="a", value="x", reason="no")


@given(
    st.lists(st.tuples(CELL, CELL), max_size=30),
    st.sampled_from([(), ("a",), ("a", "b"), ("missing",)]),
    st.data(),
)
@settings(max_examples=300, deadline=None)
def test_halves_are_the_whole_and_share_nothing(
    cells: list[tuple[str | None, ...]], key_columns: tuple[str, ...], data: st.DataObject
) -> None:
    rows = rows_of(cells, key_columns)
    assert len(set(rows.keys)) == len(rows)
    bad = frozenset(key for key in rows.keys if data.draw(st.booleans()))
    halves = halve(rows, bad)
    assert set(halves.quarantined.keys) == bad
    assert sorted([*halves.passed.keys, *halves.quarantined.keys]) == sorted(rows.keys)
    assert set(halves.passed.cells) | set(halves.quarantined.cells) == set(rows.cells)
    assert (halves.passed.hash_sum() + halves.quarantined.hash_sum()) % 2**256 == rows.hash_sum()


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=10))
@settings(deadline=None)
def test_parquet_keeps_every_cell(cells: list[tuple[str | None, ...]]) -> None:
    rows = rows_of(cells)
    data = to_parquet(rows)
    assert from_parquet(data, "here") == rows
    assert to_parquet(rows) == data


def test_loss_doubling_and_change_are_found() -> None:
    rows = rows_of([("1", "a"), ("2", "b"), ("3", "c")])
    halves = halve(rows, frozenset(rows.keys[:1]))
    changed = replace(halves.passed, cells=(("2", "b"), ("3", "other")))
    for wrong in (
        Halves(halves.passed.take([0]), halves.quarantined),
        Halves(rows, halves.quarantined),
        Halves(halves.passed, halves.passed),
        Halves(changed, halves.quarantined),
    ):
        with pytest.raises(Rejected, match="does not add up"):
            check(rows, wrong)


def test_violation_of_no_row_is_refused() -> None:
    with pytest.raises(BadInput, match="a violation of no row"):
        halve(rows_of([("1", "a")]), frozenset({"elsewhere"}))


def test_batch_says_what_was_set_aside_and_why(spec_of: Callable[..., Spec]) -> None:
    spec = spec_of()
    rows = rows_of([("1", "a"), ("2", "b"), ("3", "c")], ("a",))
    dataset = describe(rows, spec, "memory://store", ())
    found = [violation("2"), violation("2", "a.minimum")]
    parted = part(dataset, rows, found, spec)
    batch = parted.batch
    assert (batch.rows_in, batch.passed, batch.quarantined) == (3, 2, 1)
    assert parted.clean.parents == (dataset.digest,)
    assert batch.passed_dataset == parted.clean.digest != dataset.digest
    total = int(batch.hash_sum_passed, 16) + int(batch.hash_sum_quarantined, 16)
    assert f"{total % 2**256:064x}" == batch.hash_sum_in
    (line,) = parted.lines.splitlines()
    row = QuarantinedRow.model_validate(json.loads(line))
    assert (row.row_key, row.partition, row.line, row.raw) == ("2", "p", 3, "2,b")
    assert [one.rule for one in row.violations] == ["a.type", "a.minimum"]
    assert part(dataset, rows, found, spec) == parted


def test_nothing_left_is_refused(spec_of: Callable[..., Spec]) -> None:
    rows = rows_of([("1", "a")], ("a",))
    dataset = describe(rows, spec_of(), "memory://store", ())
    with pytest.raises(BadInput, match="no row is left"):
        part(dataset, rows, [violation("1")], spec_of())
