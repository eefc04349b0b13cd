"""Mortgages: what the whole search is worth on rows nobody saw, beside one logistic regression."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.spec import compiled
from tests.support.contest import contest, held
from tests.support.shipped import mortgages

pytestmark = [pytest.mark.steps, pytest.mark.timeout(3600), pytest.mark.filterwarnings("ignore")]

ROOT = Path(__file__).parents[3]
FEATURES = 13


def test_selection_beside_a_logistic_regression(rounds, record, is_slice) -> None:
    from include.evaluation.comparison import Answers, differences
    from include.evaluation.estimates import Outcomes, chosen, estimates
    from include.training import algorithms
    from include.training.fit import fit
    from include.training.target import truth

    whole = compiled.read(ROOT / "dags/compiled/mortgage_approval.json").spec
    trials = rounds(full=whole.training.trials, slice=1)
    # The trials end the search, not the clock: figures but the seconds are the same anywhere.
    training = whole.training.model_copy(update={"trials": trials, "seconds": 3600})
    spec = whole.model_copy(update={"training": training})
    found, rows = contest(spec, mortgages), held(spec, mortgages)
    winner = found.models[found.selected]
    alone = fit(spec, rows.train, algorithms.recipe(spec, "logistic")).model
    actual = truth(rows.test, spec, alone.classes)
    said = {
        "selected": winner.predict(rows.test).scores,
        "logistic regression": alone.predict(rows.test).scores,
    }
    areas = {}
    for name, scores in said.items():
        (one, *_) = estimates(spec, Outcomes(actual, scores, float(actual.mean()))).made
        areas[name] = {"auc": one.value, "lower": one.lower, "upper": one.upper}
    answers = Answers(actual, said["selected"], said["logistic regression"])
    (gain,) = differences(spec, answers, chosen(spec)[:1])
    record(
        "mortgage-selection",
        seed=spec.training.seed,
        counts={
            "trials": trials,
            "features": len(spec.data.features),
            "train": len(rows.train),
            "test": len(rows.test),
        },
        figures={
            "on the test window": areas,
            "paired gain in auc": {"gain": gain.gain, "lower": gain.lower, "upper": gain.upper},
            **found.figures,
        },
    )
    print("\n".join(found.reasons))
    assert len(spec.data.features) == FEATURES
    assert areas["selected"]["lower"] > 0.6
    assert gain.upper > 0
