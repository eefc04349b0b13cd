"""Judging a batch: accept it, set rows aside and go on, or stop."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.data import columns, quality, violations
from include.data.frame import frame
from include.data.report import (
    DriftReport,
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
    from include.data.reference import Trained
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
    trained: Trained | None = None
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    violations: tuple[Violation, ...] = ()
    good: int = 0
    expectations: tuple[ExpectationResult, ...] = ()
    suite: bytes = b""
    score: QualityScore | None = None
    drift: DriftReport | None = None

    def stop(self, kind: Kind, message: str, column: str = "") -> None:
        """Add a reason to stop."""
        self.findings.append(Finding(kind=kind, column=column, message=message))

    def warn(self, kind: Kind, message: str, column: str = "") -> None:
        """Add something that people should know."""
        self.warnings.append(Finding(kind=kind, column=column, message=message))


def validate(
    dataset: DatasetVersion, rows: Rows, spec: Spec, trained: Trained | None = None
) -> Validation:
    """Judge the rows of a dataset version by the contract and the expectations of its spec.

    Columns come first: where one is missing, unknown, empty or wholly of another type, the batch
    stops and no row is blamed. Then each row is held against the contract, and the good rows as a
    whole against the limits and expectations. Last, those of the newest partition are held against
    what the live version was ``trained`` on, where anything is live.
    """
    case = _Case(dataset, rows, spec, trained)
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
        _judge_drift(case, good, [key for key in case.rows.keys if place[key] not in bad])
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


def _judge_drift(case: _Case, good: dict[str, list[Value]], keys: list[str]) -> None:
    trained, partition = case.trained, case.dataset.sources[-1].partition
    case.drift = _untold(trained)
    if trained is None or trained.profile is None:
        return
    # Read at its import, which costs seconds, like the expectations.
    from include.data import drift  # noqa: PLC0415

    newest = dict(zip(case.rows.keys, case.rows.partitions, strict=True))
    rows = frame(good, keys, case.spec)
    rows = rows[[newest[key] == partition for key in keys]]
    found = drift.drift(trained.version, trained.profile, rows, case.spec)
    case.drift = found.model_copy(update={"partition": partition})
    if not found.drifted:
        return
    case.warn(Kind.DRIFT, found.message)
    most = case.spec.data.drift.max_drifted_share
    if most is not None and found.share is not None and found.share > most:
        case.stop(Kind.DRIFT, f"{found.message}; that is more than {most:.1%} of them")


def _untold(trained: Trained | None) -> DriftReport:
    if trained is None:
        message, version = "nothing is live yet to compare with", ""
    else:
        version = trained.version
        message = f"the package of version {version} does not say what it was trained on"
    return DriftReport(verdict=Verdict.NO_DATA, message=message, champion=version)


def _judge_score(case: _Case) -> None:
    found = quality.score(case.rows, case.violations, case.expectations)
    case.score = found.model_copy(update={"stability": quality.stability(case.drift)})
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
        drift=case.drift,
    )


def _verdict(case: _Case) -> Verdict:
    """Return ``error`` where a measurement broke, ``no_data`` where no row is left."""
    if any(one.verdict is Verdict.ERROR for one in case.expectations):
        return Verdict.ERROR
    if case.score is not None and not case.good:
        return Verdict.NO_DATA
    return Verdict.FAIL if case.findings else Verdict.PASS
