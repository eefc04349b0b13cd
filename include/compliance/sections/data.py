"""The data: where it came from, what was set aside, how it was parted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Fact, Missing, Section, Table
from include.compliance.sections.parts import facts, gaps, listed

if TYPE_CHECKING:
    from include.compliance.documents import BatchSeen, DatasetSeen
    from include.compliance.evidence import Evidence
    from include.data.report import ValidationReport
    from include.spec.model import CompiledSpec

ID = "data"


def section(evidence: Evidence) -> Section:
    """Return the section."""
    held = evidence.documents
    known: list[Fact] = [Fact(name="dataset version", value=evidence.version.dataset_digest)]
    tables: list[Table] = []
    if not isinstance(held.dataset, Missing):
        known += _dataset(held.dataset)
        tables.append(_sources(held.dataset))
    if not isinstance(held.validation, Missing):
        known += _validation(held.validation)
        tables.append(_expectations(held.validation))
    if held.batch is None:
        known.append(Fact(name="rows set aside", value=0))
    elif not isinstance(held.batch, Missing):
        known += _batch(held.batch)
        tables.append(_rules(held.batch))
    if not isinstance(held.spec, Missing):
        known += _split(held.spec)
        tables.append(_columns(held.spec))
    return Section(
        id=ID,
        title="Data and where it comes from",
        facts=tuple(known),
        tables=tuple(tables),
        sources=_sources_cited(evidence),
        gaps=gaps(ID, held.arrived, held.dataset, held.validation, held.batch, held.spec)
        if held.dataset is not held.arrived
        else gaps(ID, held.dataset, held.validation, held.spec),
    )


def _dataset(dataset: DatasetSeen) -> tuple[Fact, ...]:
    return facts(
        rows=dataset.rows,
        partitions=listed(dataset.partitions),
        partitions_that_were_absent=listed(dataset.absent),
        row_key=listed(dataset.row_key),
    )


def _sources(dataset: DatasetSeen) -> Table:
    return Table(
        title="Files that the rows came from",
        columns=("partition", "URI", "rows", "bytes", "SHA-256"),
        rows=tuple((s.partition, s.uri, s.rows, s.size, s.sha256) for s in dataset.sources),
    )


def _validation(report: ValidationReport) -> tuple[Fact, ...]:
    return facts(
        data_verdict=f"{report.verdict.value}: {report.outcome.value}",
        rows_judged=report.rows,
        rows_that_break_a_rule=report.bad_rows,
        quality_score=report.score.score if report.score else None,
        warnings=listed(one.message for one in report.warnings),
    )


def _expectations(report: ValidationReport) -> Table:
    return Table(
        title="Expectations about the data",
        columns=("expectation", "column", "observed", "at least", "at most", "verdict"),
        rows=tuple(
            (e.expectation, e.column, e.observed, e.minimum, e.maximum, e.verdict.value)
            for e in report.expectations
        ),
    )


def _batch(batch: BatchSeen) -> tuple[Fact, ...]:
    return facts(
        rows_set_aside=batch.quarantined,
        rows_that_went_on=batch.passed,
        quarantine=batch.digest,
    )


def _rules(batch: BatchSeen) -> Table:
    return Table(
        title="Why rows were set aside",
        columns=("rule", "kind", "column", "rows", "example"),
        rows=tuple((r.rule, r.kind.value, r.column, r.rows, r.example) for r in batch.rules),
    )


def _split(compiled: CompiledSpec) -> tuple[Fact, ...]:
    split = compiled.spec.split
    return facts(split=f"{split.kind}, {split.test_share:.0%} kept away from training")


def _columns(compiled: CompiledSpec) -> Table:
    return Table(
        title="Columns of the data contract",
        columns=("column", "type", "role", "known at", "meaning", "source"),
        rows=tuple(
            (c.name, c.type.value, c.role.value, c.available_at.value, c.description, c.source)
            for c in compiled.spec.data.columns
        ),
    )


def _sources_cited(evidence: Evidence) -> tuple[str, ...]:
    held = evidence.documents
    parted = held.batch is not None
    named = {
        "quarantine/dataset" if parted else "acquire/dataset": held.dataset,
        "validate/report": held.validation,
        "quarantine/batch": held.batch,
        "spec": held.spec,
    }
    there = (n for n, d in named.items() if d is not None and not isinstance(d, Missing))
    return ("dataset", *there)
