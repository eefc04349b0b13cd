"""The verdict on a batch, for every way a batch can be wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import fsspec
import pytest

from include.data.acquisition import LandingZone, acquire
from include.data.report import Kind, Outcome
from include.data.validation import Validation, validate
from include.store.fsspec_store import FsspecStore
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.data.reference import Trained
    from include.spec.model import Spec

pytestmark = [
    pytest.mark.steps,
    # Great Expectations and what it imports use what their libraries have deprecated.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
Judge = Callable[..., Validation]
HEADER = "id,day,amount,grade,place,member,paid"


@pytest.fixture
def judge(spec_of: Callable[..., Spec]) -> Judge:
    def judged(data: bytes, trained: Trained | None = None, **changes: Any) -> Validation:
        fsspec.filesystem("memory").store.clear()
        spec, store = spec_of(**changes), FsspecStore()
        store.write("memory://zone/loans/2026q3.csv", data)
        zone = LandingZone(store, "memory://zone", "memory://store")
        dataset, rows = acquire(spec, "2026q3", zone)
        return validate(dataset, rows, spec, trained)

    return judged


def lines_with(lines: list[str], place: int, column: str, text: str) -> list[str]:
    cells = lines[place].split(",")
    cells[HEADER.split(",").index(column)] = text
    return [*lines[:place], ",".join(cells), *lines[place + 1 :]]


def test_good_batch_is_accepted(judge: Judge, lines_of: Any, csv_of: Any) -> None:
    found = judge(csv_of(lines_of(40)))
    assert (found.report.outcome, found.report.verdict) == (Outcome.ACCEPT, Verdict.PASS)
    assert found.report.score is not None
    assert found.report.score.score == 1.0
    assert found.violations == ()
    assert b"expect_table_row_count_to_be_between" in found.suite
    assert judge(csv_of(lines_of(40))).suite == found.suite


@pytest.mark.parametrize(
    ("column", "text", "rule", "kind", "reason"),
    [
        ("amount", "-1", "amount.minimum", Kind.RANGE, "-1.0, below 0"),
        ("amount", "1001", "amount.maximum", Kind.RANGE, "above 1000"),
        ("amount", "a lot", "amount.type", Kind.TYPE, "'a lot', which is no number"),
        ("amount", "", "amount.required", Kind.COMPLETENESS, "required and has no value"),
        ("grade", "7", "grade.enum", Kind.UNKNOWN_CATEGORY, "'7', which is not among 1, 2, 3"),
        ("grade", "", "grade.required", Kind.COMPLETENESS, "required"),
        ("day", "2026-02-30", "day.type", Kind.TYPE, "no date"),
        ("member", "maybe", "member.type", Kind.TYPE, "no boolean"),
        ("paid", "2", "paid.type", Kind.TYPE, "no boolean"),
        ("id", "1", "id.unique", Kind.DUPLICATE, "the key 1 was there before (2026q3 line 2)"),
    ],
)
def test_bad_row_is_set_aside_with_its_reason(
    judge: Judge, lines_of: Any, csv_of: Any, column: str, text: str, rule: str, kind: Kind,
    reason: str,
) -> None:  # fmt: skip
    found = judge(csv_of(lines_with(lines_of(40), 3, column, text)))
    assert (found.report.outcome, found.report.verdict) == (Outcome.QUARANTINE, Verdict.PASS)
    (violation,) = found.violations
    assert (violation.rule, violation.kind, violation.column) == (rule, kind, column)
    assert reason in violation.reason
    assert (found.report.good_rows, found.report.bad_rows) == (39, 1)
    assert [(one.rule, one.rows) for one in found.report.rules] == [(rule, 1)]
    assert found.report.score is not None
    assert found.report.score.score == pytest.approx(39 / 40)


def test_missing_value_of_a_nullable_column_is_none_of_it(
    judge: Judge, lines_of: Any, csv_of: Any
) -> None:
    found = judge(csv_of(lines_with(lines_of(40), 3, "place", "")))
    assert found.report.outcome is Outcome.ACCEPT


def test_every_violation_of_a_row_is_told(judge: Judge, lines_of: Any, csv_of: Any) -> None:
    lines = lines_with(lines_with(lines_of(40), 3, "amount", "x"), 3, "grade", "9")
    found = judge(csv_of(lines))
    assert [one.rule for one in found.violations] == ["amount.type", "grade.enum"]
    assert found.report.bad_rows == 1


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        (
            HEADER.replace("amount", "amount_eur"),
            ["column `amount` is missing; was it renamed to `amount_eur`?", "is it `amount`?"],
        ),
        (
            HEADER.replace("grade", "quality"),
            ["column `grade` is missing; send it", "leave it out"],
        ),
    ],
)
def test_renamed_column_stops_the_batch_and_blames_no_row(
    judge: Judge, lines_of: Any, csv_of: Any, header: str, texts: list[str]
) -> None:
    found = judge(csv_of(lines_of(40), header))
    assert (found.report.outcome, found.report.verdict) == (Outcome.STOP, Verdict.FAIL)
    assert found.violations == ()
    assert found.report.score is None
    kinds = [finding.kind for finding in found.report.findings]
    assert kinds == [Kind.MISSING_COLUMN, Kind.EXTRA_COLUMN]
    for text, finding in zip(texts, found.report.findings, strict=True):
        assert text in finding.message
        assert "2026q3.csv" in finding.message


def test_columns_in_another_order_are_taken_by_name(
    judge: Judge, lines_of: Any, csv_of: Any
) -> None:
    turned = [",".join(reversed(line.split(","))) for line in lines_of(40)]
    found = judge(csv_of(turned, ",".join(reversed(HEADER.split(",")))))
    assert found.report.outcome is Outcome.ACCEPT
    assert "another order" in found.report.warnings[0].message


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [("n/a", Kind.TYPE, "is of type number"), ("", Kind.COMPLETENESS, "no value at all")],
)
def test_column_that_is_wholly_wrong_stops_the_batch(
    judge: Judge, lines_of: Any, csv_of: Any, text: str, kind: Kind, message: str
) -> None:
    lines = lines_of(40)
    for place in range(40):
        lines = lines_with(lines, place, "amount", text)
    found = judge(csv_of(lines))
    assert found.report.outcome is Outcome.STOP
    assert [one.kind for one in found.report.findings] == [kind]
    assert message in found.report.findings[0].message


def test_no_row_left_is_no_data(judge: Judge, lines_of: Any, csv_of: Any) -> None:
    lines = lines_of(40)
    for place in range(40):
        column, text = ("amount", "-1") if place % 2 else ("grade", "9")
        lines = lines_with(lines, place, column, text)
    found = judge(csv_of(lines))
    assert (found.report.outcome, found.report.verdict) == (Outcome.STOP, Verdict.NO_DATA)
    assert "no row of 40 is left" in found.report.findings[0].message


def test_too_many_bad_rows_stop_the_batch(judge: Judge, lines_of: Any, csv_of: Any) -> None:
    lines = lines_of(40)
    for place in range(9):
        lines = lines_with(lines, place, "amount", "-1")
    found = judge(csv_of(lines))
    assert found.report.outcome is Outcome.STOP
    assert "9 of 40 rows (22.5%)" in found.report.findings[0].message


def test_too_few_good_rows_stop_the_batch(judge: Judge, lines_of: Any, csv_of: Any) -> None:
    found = judge(csv_of(lines_of(4)))
    assert found.report.outcome is Outcome.STOP
    assert "4 good rows are fewer than 5" in found.report.findings[0].message


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_target_that_does_not_vary_stops_the_batch(
    judge: Judge, lines_of: Any, csv_of: Any, task: str
) -> None:
    lines = lines_of(40)
    for place in range(40):
        lines = lines_with(lines, place, "paid", "1")
    found = judge(csv_of(lines), task=task)
    assert found.report.outcome is Outcome.STOP
    expected = "one class only" if task == "classification" else "constant"
    assert expected in found.report.findings[0].message


def test_constant_feature_is_a_warning(judge: Judge, lines_of: Any, csv_of: Any) -> None:
    lines = lines_of(40)
    for place in range(40):
        lines = lines_with(lines, place, "grade", "2")
    found = judge(csv_of(lines))
    assert found.report.outcome is Outcome.ACCEPT
    assert ["`grade` is constant" in one.message for one in found.report.warnings] == [True]


def test_expectations_are_measured_and_lower_the_score(
    judge: Judge, lines_of: Any, csv_of: Any
) -> None:
    expectations = [
        {"column": "amount", "statistic": "mean", "minimum": 0, "maximum": 100},
        {"column": "amount", "statistic": "median", "maximum": 1},
        {"column": "amount", "statistic": "stdev", "minimum": 1},
        {"column": "grade", "statistic": "unique_count", "minimum": 3, "maximum": 3},
        {"column": "place", "statistic": "null_share", "minimum": 0.4, "maximum": 0.6},
    ]
    found = judge(csv_of(lines_of(40)), expectations=expectations)
    told = {one.statistic: one for one in found.report.expectations if one.statistic}
    assert told["mean"].observed == pytest.approx(30.75)
    assert told["null_share"].observed == pytest.approx(0.5)
    assert told["unique_count"].observed == 3
    failed = [name for name, one in told.items() if one.verdict is Verdict.FAIL]
    assert failed == ["median"]
    assert found.report.score is not None
    assert found.report.score.consistency == pytest.approx(0.8)
    assert found.report.outcome is Outcome.ACCEPT
    assert "median of `amount`" in found.report.warnings[-1].message

    strict = {"min_rows": 5, "min_score": 0.9}
    stopped = judge(csv_of(lines_of(40)), expectations=expectations, quality=strict)
    assert stopped.report.outcome is Outcome.STOP
    assert "quality score 0.800 is below 0.9" in stopped.report.findings[0].message


def test_expectation_that_cannot_be_measured_is_an_error(
    judge: Judge, lines_of: Any, csv_of: Any
) -> None:
    expectations = [{"column": "place", "statistic": "mean", "minimum": 0}]
    found = judge(csv_of(lines_of(40)), expectations=expectations)
    assert (found.report.outcome, found.report.verdict) == (Outcome.STOP, Verdict.ERROR)
    assert "could not be measured" in found.report.findings[0].message


def test_rows_without_a_declared_key_may_repeat(judge: Judge, lines_of: Any, csv_of: Any) -> None:
    lines = lines_of(40)
    found = judge(csv_of([*lines, lines[0]]), row_key=[])
    assert found.report.outcome is Outcome.ACCEPT
    assert found.report.score is not None
    assert found.report.score.uniqueness == pytest.approx(40 / 41, abs=1e-6)
    assert "1 row(s) repeat" in found.report.warnings[0].message


def test_parts_make_the_whole_of_the_score(judge: Judge, lines_of: Any, csv_of: Any) -> None:
    """Two rows lack a value, one of those and another are invalid, four repeat, one of two met."""
    lines = lines_of(40)
    lines = lines_with(lines_with(lines, 3, "amount", ""), 4, "amount", "")
    lines = lines_with(lines_with(lines, 4, "grade", "9"), 5, "amount", "-4")
    for place in (10, 12, 14, 16):
        lines = lines_with(lines, place, "id", lines[place - 1].split(",")[0])
    expectations = [
        {"column": "amount", "statistic": "mean", "minimum": 0, "maximum": 1000},
        {"column": "amount", "statistic": "mean", "minimum": 900},
    ]
    found = judge(csv_of(lines), expectations=expectations)
    score = found.report.score
    assert score is not None
    assert score.completeness == pytest.approx(38 / 40)
    assert score.validity == pytest.approx(38 / 40)
    assert score.uniqueness == pytest.approx(36 / 40)
    assert score.consistency == pytest.approx(1 / 2)
    parts = (score.completeness, score.validity, score.uniqueness, score.consistency)
    assert score.score == pytest.approx(math.prod(parts), abs=1e-6)
