"""How the model was made: who competed, who was selected and why, with which parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Bar, Fact, Missing, Section, Table
from include.compliance.sections.parts import chart, facts, gaps, listed, yes

if TYPE_CHECKING:
    from include.compliance.documents import SelectionSeen
    from include.compliance.evidence import Evidence
    from include.compliance.records import Chart
    from include.training.report import TrainingReport

ID = "training"


def section(evidence: Evidence) -> Section:
    """Return the section."""
    selection, training = evidence.documents.selection, evidence.documents.training
    known: list[Fact] = []
    tables: list[Table] = []
    cited: list[str] = []
    if not isinstance(selection, Missing):
        known += _selection(selection)
        tables += [_contenders(selection), *_words(selection)]
        cited.append("select/selection")
    if not isinstance(training, Missing):
        known += _fit(training)
        tables.append(_named("Parameters", training.parameters))
        tables.append(_named("Libraries that decide the fit", training.libraries))
        cited += [i.name for i in evidence.items if i.name in {"select/report", "train/report"}]
    return Section(
        id=ID,
        title="Training and selection",
        facts=tuple(known),
        tables=tuple(tables),
        charts=() if isinstance(selection, Missing) else _chart(selection),
        notes=() if isinstance(training, Missing) else training.notes,
        sources=tuple(cited),
        gaps=gaps(ID, selection, training),
    )


def _selection(selection: SelectionSeen) -> tuple[Fact, ...]:
    return facts(
        selected=selection.selected,
        compared_by=f"{selection.score}, {selection.folds} folds",
        planned_candidates_without_result=listed(selection.missing),
    )


def _fit(training: TrainingReport) -> tuple[Fact, ...]:
    return facts(
        algorithm=training.algorithm,
        training_rows=training.training_rows,
        seed=training.seed,
        features=listed(training.features),
        features_that_do_not_vary=listed(training.dropped),
    )


def _contenders(selection: SelectionSeen) -> Table:
    columns = ("candidate", "kind", selection.score, "standard error", "folds", "ms an answer",
               "seconds", "trials", "cut short by the clock")  # fmt: skip
    return Table(
        title="Candidates, the best first",
        columns=columns,
        rows=tuple(
            (c.name, c.kind, c.mean, c.error, c.folds, c.latency_ms, c.seconds, c.trials,
             yes(c.truncated))
            for c in selection.contenders
        ),
    )  # fmt: skip


def _words(selection: SelectionSeen) -> tuple[Table, Table]:
    return (
        Table(
            title="Rules of the selection, in order",
            columns=("rule",),
            rows=tuple((one,) for one in selection.policy),
        ),
        Table(
            title="What they said",
            columns=("reason",),
            rows=tuple((one,) for one in selection.reasons),
        ),
    )


def _chart(selection: SelectionSeen) -> tuple[Chart, ...]:
    bars = tuple(
        Bar(label=c.name, value=c.mean, lower=c.mean - c.error, upper=c.mean + c.error)
        for c in selection.contenders
        if c.error is not None
    )
    middle = bars[0].value if bars else 0.0
    title = f"Candidates: {selection.score} with one standard error"
    return chart(title, bars, (middle, middle))


def _named(title: str, values: dict[str, str | int | float | bool] | dict[str, str]) -> Table:
    rows = tuple((name, str(value)) for name, value in sorted(values.items()))
    return Table(title=title, columns=("name", "value"), rows=rows)
