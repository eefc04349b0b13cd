"""Drift against what the live version was trained on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from include.data.frame import frame
from include.data.reference import Trained, profile
from include.data.report import Kind, Outcome
from include.data.validation import Validation
from include.verdict import Verdict
from tests.unit.data.test_validation import judge

pytestmark = [
    pytest.mark.steps,
    # Great Expectations and what it imports use what their libraries have deprecated.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
Judge = Callable[..., Validation]


__all__ = ["judge"]


def test_without_a_live_version_drift_is_not_told(judge: Judge, lines_of: Any, csv_of: Any) -> None:
    found = judge(csv_of(lines_of(40))).report
    assert found.drift is not None
    assert (found.drift.verdict, found.drift.champion) == (Verdict.NO_DATA, "")
    assert found.drift.message == "nothing is live yet to compare with"
    assert found.score is not None
    assert found.score.stability is None
    older = judge(csv_of(lines_of(40)), trained=Trained("3", None)).report
    assert older.drift is not None
    assert older.drift.verdict is Verdict.NO_DATA
    assert "version 3 does not say" in older.drift.message


@pytest.mark.parametrize(("most", "outcome"), [(None, Outcome.ACCEPT), (0.6, Outcome.ACCEPT),
                                               (0.3, Outcome.STOP)])  # fmt: skip
def test_drift_is_a_note_unless_the_spec_says_how_much_is_too_much(
    judge: Judge, spec_of: Any, lines_of: Any, csv_of: Any, most: float | None, outcome: Outcome
) -> None:
    """Two of five columns are other than in training."""
    known = frame(
        {
            "id": [*range(200)],
            "day": ["2026-01-01"] * 200,
            "amount": [900.0 + n % 7 for n in range(200)],
            "grade": [str(1 + n % 3) for n in range(200)],
            "place": ["south" if n % 2 else None for n in range(200)],
            "member": [bool(n % 2) for n in range(200)],
            "paid": [n % 5 > 1 for n in range(200)],
        },
        [str(n) for n in range(200)],
        spec_of(),
    )
    trained = Trained("3", profile(known, spec_of()))
    drift = {} if most is None else {"drift": {"max_drifted_share": most}}
    found = judge(csv_of(lines_of(120)), trained=trained, **drift).report
    assert found.outcome is outcome
    assert found.drift is not None
    assert found.drift.drifted == ("amount", "place")
    assert (found.drift.champion, found.drift.partition) == ("3", "2026q3")
    assert found.drift.message in [one.message for one in found.warnings]
    assert found.score is not None
    assert (found.score.score, found.score.stability) == (1.0, pytest.approx(3 / 5))
    assert [one.kind for one in found.findings] == [Kind.DRIFT] * (outcome is Outcome.STOP)
