"""What a training found is read from what its steps left, and told whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.embedded.demo import evidence
from include.embedded.demo.table import table
from tests.support.compliance import Held, run_record
from tests.unit.embedded.demo.test_summary import GOOD, whole

if TYPE_CHECKING:
    from include.spec.model import CompiledSpec


@pytest.fixture
def held(compiled: CompiledSpec) -> Held:
    return Held(compiled)


def test_candidates_winner_metrics_groups_and_gates(held: Held) -> None:
    told = evidence.told(run_record(), held)
    assert told is not None
    (candidate,) = told.candidates
    assert (candidate.name, candidate.mean, candidate.trials, candidate.seconds) == (
        "xgboost", 0.82, 10, 15.0,
    )  # fmt: skip
    assert (told.winner, told.reasons) == ("xgboost", ("xgboost has the best auc",))
    assert [(one.name, one.value, one.lower) for one in told.metrics] == [("auc", 0.81, 0.74)]
    assert [(one.attribute, one.verdict) for one in told.groups] == [("black", "inconclusive")]
    assert [(one.name, one.verdict) for one in told.gates] == [("fair", "inconclusive")]


@pytest.mark.parametrize(
    ("lower", "upper", "verdict"),
    [(0.81, 0.99, "pass"), (0.5, 0.79, "fail"), (0.7, 0.9, "inconclusive")],
)
def test_a_group_is_judged_by_four_fifths_and_its_interval(held, lower, upper, verdict) -> None:
    report = evidence.EvaluationReport.model_validate_json(held.read("mem://evaluate/report.json"))
    (one,) = report.fairness.disparities
    changed = one.model_copy(update={"ratio_lower": lower, "ratio_upper": upper})
    fairness = report.fairness.model_copy(update={"disparities": (changed,)})
    held.put(
        "evaluate",
        "report",
        report.model_copy(update={"fairness": fairness}).model_dump(mode="json"),
    )
    assert evidence.told(run_record(), held).groups[0].verdict == verdict


@pytest.mark.parametrize("step", ["select", "evaluate", "gate"])
def test_a_run_that_never_got_to_its_gates_has_none(held: Held, step: str) -> None:
    record = run_record()
    results = {name: uri for name, uri in record.results.items() if name != step}
    assert evidence.told(record.model_copy(update={"results": results}), held) is None


def test_people_read_it_at_the_end(held: Held) -> None:
    run = GOOD.model_copy(update={"evidence": evidence.told(run_record(), held)})
    text = "\n".join(table(whole(trainings=(run,))))
    for words in (
        "* xgboost         0.8200  0.0200      10     15.0", "xgboost has the best auc",
        "0.8100 [0.7400, 0.8700]", "gate fair: inconclusive (few)",
        "inconclusive selection_rate of black True: 0.725 beside 0.9 [0.640, 1.010]",
    ):  # fmt: skip
        assert words in text, words
