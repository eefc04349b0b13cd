"""What a training found: who competed, what was measured, what each group got, what gates said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from include.compliance.documents import SelectionSeen
from include.embedded.demo.summary import (
    CandidateTold,
    EvidenceTold,
    GateTold,
    GroupTold,
    MetricTold,
)
from include.evaluation.fairness.records import Measure
from include.evaluation.gates import fairness
from include.evaluation.report import EvaluationReport, GateReport
from include.steps import call as calls

if TYPE_CHECKING:
    from include.client.messages.runs import RunRecord
    from include.evaluation.fairness.records import FairnessReport
    from include.store.objects import ObjectStore

Document = TypeVar("Document", bound=BaseModel)
# A selection rate below four fifths of the highest group's (29 CFR 1607.4(D)).
FOUR_FIFTHS = 0.8
SHOWN = (Measure.SELECTION, Measure.TRUE_POSITIVE)


@dataclass(frozen=True)
class _Left:
    """What the steps of a run left, by step and artifact."""

    results: dict[str, str]
    store: ObjectStore

    def read(self, step: str, name: str, kind: type[Document]) -> Document | None:
        uri = self.results.get(step)
        if not uri:
            return None
        artifact = calls.read_result(self.store, uri).artifact(name)
        return kind.model_validate_json(self.store.read(artifact.uri))


def told(record: RunRecord, store: ObjectStore) -> EvidenceTold | None:
    """Return what a run's steps left, or ``None`` for a run that never got to its gates."""
    left = _Left(record.results, store)
    selection = left.read("select", "selection", SelectionSeen)
    measured = left.read("evaluate", "report", EvaluationReport)
    judged = left.read("gate", "report", GateReport)
    if selection is None or measured is None or judged is None:
        return None
    return EvidenceTold(
        score=selection.score,
        candidates=_candidates(selection),
        winner=selection.selected,
        reasons=selection.reasons,
        metrics=tuple(
            MetricTold(name=one.name, value=one.value, lower=one.lower, upper=one.upper)
            for one in measured.estimates
        ),
        groups=_groups(measured.fairness) if measured.fairness else (),
        gates=tuple(
            GateTold(name=one.name, verdict=one.verdict.value, message=one.message)
            for one in judged.results
        ),
    )


def _candidates(selection: SelectionSeen) -> tuple[CandidateTold, ...]:
    return tuple(
        CandidateTold(
            name=one.name,
            kind=one.kind,
            mean=one.mean,
            error=one.error,
            trials=one.trials,
            seconds=one.seconds,
            is_cut_short=one.truncated,
        )
        for one in selection.contenders
    )


def _groups(found: FairnessReport) -> tuple[GroupTold, ...]:
    return tuple(
        GroupTold(
            attribute=one.attribute,
            measure=one.measure.value,
            group=one.group,
            reference=one.reference,
            ratio=one.ratio,
            lower=one.ratio_lower,
            upper=one.ratio_upper,
            verdict=fairness.compared(one, FOUR_FIFTHS).value,
            words=one.words,
        )
        for one in found.disparities
        if one.measure in SHOWN
    )
