"""Metrics on rows that training never saw, with intervals; leaks; time and size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Bar, Missing, Section, Table
from include.compliance.sections.parts import chart, facts, gaps, listed

if TYPE_CHECKING:
    from include.compliance.evidence import Evidence
    from include.compliance.records import Chart, Fact
    from include.evaluation.report import EvaluationReport

ID = "metrics"
AGAIN = "Train again: the present evaluate step measures it"


def section(evidence: Evidence) -> Section:
    """Return the section."""
    report = evidence.documents.evaluation
    title = "Metrics on the test window"
    if isinstance(report, Missing):
        return Section(id=ID, title=title, tables=(_registered(evidence),), gaps=gaps(ID, report))
    parts = {"leak check": report.leaks, "time and size": report.footprint}
    missing = [
        Missing(what=f"the evaluation holds no {name}", remedy=AGAIN)
        for name, part in parts.items()
        if part is None
    ]
    return Section(
        id=ID,
        title=title,
        facts=_facts(report),
        tables=(_estimates(report), *_leaks(report)),
        charts=tuple(one for e in report.estimates for one in _chart(e.name, report)),
        notes=_notes(report),
        sources=("evaluate/report",),
        gaps=gaps(ID, *missing),
    )


def _registered(evidence: Evidence) -> Table:
    metrics = evidence.version.metrics
    return Table(
        title="Metrics as registered with the version",
        columns=("metric", "value", "lower", "upper", "rows"),
        rows=tuple((m.name, m.value, m.lower, m.upper, m.samples) for m in metrics),
    )


def _facts(report: EvaluationReport) -> tuple[Fact, ...]:
    window, footprint = report.window, report.footprint
    return facts(
        rows=window.rows,
        set_apart_by=window.kind,
        first=window.first,
        last=window.last,
        rows_digest=window.digest,
        confidence_level=report.level,
        bootstrap_resamples=report.resamples,
        earlier_evaluations_on_these_rows=report.used_before,
        undefined_metrics=listed(report.undefined),
        milliseconds_of_one_prediction=footprint.milliseconds if footprint else None,
        megabytes=footprint.megabytes if footprint else None,
    )


def _estimates(report: EvaluationReport) -> Table:
    columns = ("metric", "value", "lower", "upper", "rows", "naive baseline",
               "gain over it", "gain lower", "gain upper")  # fmt: skip
    return Table(
        title="Metrics with intervals",
        columns=columns,
        rows=tuple(
            (e.name, e.value, e.lower, e.upper, e.samples, e.baseline, e.gain, e.gain_lower,
             e.gain_upper)
            for e in report.estimates
        ),
    )  # fmt: skip


def _chart(name: str, report: EvaluationReport) -> tuple[Chart, ...]:
    found = report.estimate(name)
    if found is None:
        return ()
    bars = [Bar(label=name, value=found.value, lower=found.lower, upper=found.upper)]
    if found.baseline is not None:
        base = found.baseline
        bars.append(Bar(label="naive baseline", value=base, lower=base, upper=base))
    return chart(f"{name} with its interval", tuple(bars), (found.lower, found.upper))


def _leaks(report: EvaluationReport) -> tuple[Table, ...]:
    if report.leaks is None:
        return ()
    return (
        Table(
            title=f"Leaks found in {report.leaks.rows} training rows",
            columns=("kind", "columns", "evidence", "strength"),
            rows=tuple(
                (one.kind.value, listed(one.columns), one.words, one.strength)
                for one in report.leaks.leaks
            ),
        ),
    )


def _notes(report: EvaluationReport) -> tuple[str, ...]:
    if not report.used_before:
        return ()
    return ("Rows that were looked at before make later figures a little too good.",)
