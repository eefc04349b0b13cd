"""Judging a batch: accept it, set rows aside and go on, or stop."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.data import columns, quality, violations
from include.data.report import (
    ExpectationResult,
    Finding,
    Kind,
    Outcome,
    QualityScore,
    ValidationReport,
    Violation,
)
from include.spec.model import Spec, Task
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.data.dataset import DatasetVersion
    from include.data.rows import Rows
    from include.data.types import Value

_CLASSES = 2


@dataclass(frozen=True)
class Validation:
    """A report, the violations behind it, and what Great Expectations said (empty: not asked)."""

    report: ValidationReport
    violations: tuple[Violation, ...]
    suite: bytes


@dataclass
class _Case:
    """What is known of a batch so far."""

    dataset: DatasetVersion
    rows: Rows
    spec: Spec
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    violations: tuple[Violation, ...] = ()
    good: int = 0
    expectations: tuple[ExpectationResult, ...] = ()
    suite: bytes = b""
    score: QualityScore | None = None

    def stop(self, kind: Kind, message: str, column: str = "") -> None:
        """Add a reason to stop."""
        self.findings.append(Finding(kind=kind, column=column, message=message))

    def warn(self, kind: Kind, message: str, column: str = "") -> None:
        """Add something that people should know."""
        self.warnings.append(Finding(kind=kind, column=column, message=message))


def validate(dataset: DatasetVersion, rows: Rows, spec: Spec) -> Validation:
    """Judge the rows of a dataset version by the contract and the expectations of its spec.

    Columns come first: where one is missing, unknown, empty or wholly of another type, the batch
    stops and no row is blamed. Then each row is held against the contract, and the good rows as a
    whole against the limits and expectations.
    """
    case = _Case(dataset, rows, spec)
    case.findings.extend(columns.check(dataset, spec))
    case.warnings.extend(columns.misplaced(dataset, spec))
    for name in dataset.absent:
        case.warn(Kind.SIZE, f"the partition {name} is not there; the run uses less history")
    if not case.findings:
        values = violations.typed(rows, spec)
        case.findings.extend(violations.useless_columns(values, spec))
        if not case.findings:
            _judge_rows(case, values)
    return Validation(_report(case), case.violations, case.suite)


def _judge_rows(case: _Case, values: dict[str, list[Value]]) -> None:
    found = [
        *violations.check(case.rows, values, case.spec),
        *violations.repeated(case.rows, case.spec),
    ]
    place = {key: number for number, key in enumerate(case.rows.keys)}
    case.violations = tuple(sorted(found, key=lambda violation: place[violation.row_key]))
    bad = {place[violation.row_key] for violation in found}
    case.good = len(case.rows) - len(bad)
    _judge_size(case, len(bad))
    if case.good:
        good = {
            name: [value for number, value in enumerate(column) if number not in bad]
            for name, column in values.items()
        }
        _judge_target(case, good)
        _judge_features(case, good)
        _judge_statistics(case, good)
    _judge_score(case)


def _judge_size(case: _Case, bad: int) -> None:
    limits, total = case.spec.data.quality, len(case.rows)
    if not case.good:
        case.stop(Kind.SIZE, f"no row of {total} is left; every one breaks the contract")
        return
    if bad > limits.max_quarantine_share * total:
        share, most = bad / total, limits.max_quarantine_share
        case.stop(
            Kind.SIZE,
            f"{bad} of {total} rows ({share:.1%}) break the contract, more than {most:.1%}: "
            "something is wrong with the batch itself",
        )
    if case.good < limits.min_rows:
        case.stop(Kind.SIZE, f"{case.good} good rows are fewer than {limits.min_rows}")
    repeats = quality.repeats(case.rows)
    if repeats and not case.spec.data.row_key:
        case.warn(Kind.DUPLICATE, f"{repeats} row(s) repeat an earlier one, cell by cell")


def _judge_target(case: _Case, good: dict[str, list[Value]]) -> None:
    target = case.spec.data.target
    found = {value for value in good[target.name] if value is not None}
    if case.spec.task is Task.CLASSIFICATION and len(found) < _CLASSES:
        value = next(iter(found), None)
        message = f"the target `{target.name}` has one class only ({value}); nothing can be learnt"
        case.stop(Kind.DRIFT, message, target.name)
    elif len(found) < _CLASSES:
        message = f"the target `{target.name}` is constant; nothing can be learnt"
        case.stop(Kind.DRIFT, message, target.name)


def _judge_features(case: _Case, good: dict[str, list[Value]]) -> None:
    for column in case.spec.data.features:
        if len(set(good[column.name])) < _CLASSES:
            message = f"the feature `{column.name}` is constant; training leaves it out"
            case.warn(Kind.DRIFT, message, column.name)


def _judge_statistics(case: _Case, good: dict[str, list[Value]]) -> None:
    # Read at its import, which costs seconds: only a batch that has come this far pays.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    from include.data import expectations  # noqa: PLC0415

    evaluated = expectations.evaluate(good, case.spec)
    case.expectations, case.suite = evaluated.results, evaluated.document
    for one in evaluated.results:
        name = f"{one.statistic or one.expectation} of `{one.column or 'the rows'}`"
        if one.verdict is Verdict.ERROR:
            case.stop(Kind.DRIFT, f"{name} could not be measured", one.column)
        elif one.verdict is not Verdict.PASS:
            limits = f"between {_limit(one.minimum)} and {_limit(one.maximum)}"
            case.warn(Kind.DRIFT, f"{name} is {one.observed}, expected {limits}", one.column)


def _judge_score(case: _Case) -> None:
    case.score = quality.score(case.rows, case.violations, case.expectations)
    least = case.spec.data.quality.min_score
    if case.score.score < least:
        parts = case.score
        case.stop(
            Kind.DRIFT,
            f"the quality score {parts.score:.3f} is below {least} (completeness "
            f"{parts.completeness:.3f}, validity {parts.validity:.3f}, uniqueness "
            f"{parts.uniqueness:.3f}, consistency {parts.consistency:.3f})",
        )


def _limit(value: float | None) -> str:
    return "any" if value is None else f"{value:g}"


def _report(case: _Case) -> ValidationReport:
    bad = len({violation.row_key for violation in case.violations})
    outcome = Outcome.QUARANTINE if bad else Outcome.ACCEPT
    if case.findings:
        outcome = Outcome.STOP
    return ValidationReport(
        model=case.spec.model,
        dataset=case.dataset.digest,
        outcome=outcome,
        verdict=_verdict(case),
        rows=len(case.rows),
        good_rows=case.good,
        bad_rows=bad,
        findings=tuple(case.findings),
        warnings=tuple(case.warnings),
        rules=violations.summary(case.violations),
        expectations=case.expectations,
        score=case.score,
    )


def _verdict(case: _Case) -> Verdict:
    """Return ``error`` where a measurement broke, ``no_data`` where no row is left."""
    if any(one.verdict is Verdict.ERROR for one in case.expectations):
        return Verdict.ERROR
    if case.score is not None and not case.good:
        return Verdict.NO_DATA
    return Verdict.FAIL if case.findings else Verdict.PASS
