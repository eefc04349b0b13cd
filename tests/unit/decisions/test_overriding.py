from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.client.messages.base import RunRef
from include.client.messages.decisions import Decision, DecisionState
from include.client.messages.registry import GateOutcome
from include.decisions.overriding import Judged, check_override
from include.errors import Conflict
from include.verdict import Verdict

OPENED = datetime(2026, 3, 2, 8, tzinfo=UTC)
RUN = RunRef(dag_id="ames_train", run_id="r", task_id="register")


def judged(*verdicts: Verdict, **changes: Any) -> Judged:
    gates = tuple(
        GateOutcome(name=f"gate_{place}", verdict=verdict, message="so")
        for place, verdict in enumerate(verdicts or (Verdict.FAIL, Verdict.PASS))
    )
    values = {"model": "ames", "model_digest": "m", "dataset_digest": "d", "spec_digest": "s"}
    return Judged(**{**values, "gates": gates, **changes})


def decision(**changes: Any) -> Decision:
    return Decision.model_validate({
        "id": "01", "kind": "gate_override", "title": "t", "body": "b", "subject": "ames 2026q3",
        "subject_digest": judged().digest, "options": ("override", "refuse"), "default": "refuse",
        "roles": ("approver",), "state": DecisionState.ANSWERED, "opened_at": OPENED,
        "opened_by": "workload:x", "deadline": OPENED + timedelta(hours=1), "answer": "override",
        "answered_by": "ann", "answered_at": OPENED + timedelta(minutes=1), "reason": "known cause",
        "run": RunRef(dag_id="ames_train", run_id="r", task_id="ask", try_number=2), **changes,
    })  # fmt: skip


def test_an_override_says_who_why_and_which_gates() -> None:
    override = check_override(decision(), judged(), RUN)
    assert override is not None
    assert (override.decision_id, override.by, override.reason) == ("01", "ann", "known cause")
    assert override.gates == ("gate_0",)


def test_what_passed_needs_none_and_gets_none() -> None:
    assert check_override(None, judged(Verdict.PASS), RUN) is None
    assert check_override(decision(), judged(Verdict.PASS), RUN) is None


@given(st.lists(st.sampled_from(Verdict), max_size=4))
def test_without_a_decision_only_gates_that_all_pass_let_in(verdicts: list[Verdict]) -> None:
    mine = judged(gates=judged(*verdicts).gates if verdicts else ())
    if verdicts and set(verdicts) == {Verdict.PASS}:
        assert check_override(None, mine, RUN) is None
    else:
        with pytest.raises(Conflict, match="nobody overrode them: no such decision"):
            check_override(None, mine, RUN)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kind": "first_release"}, "is a first_release"),
        ({"run": RunRef(dag_id="ames_train", run_id="r2")}, "another run"),
        ({"run": RunRef(dag_id="bike_train", run_id="r")}, "another run"),
        ({"subject_digest": "q"}, "another candidate"),
        ({"state": DecisionState.OPEN}, "is open"),
        ({"state": DecisionState.EXPIRED}, "is expired"),
        ({"answered_at": None}, "is answered"),
        ({"answered_at": OPENED + timedelta(hours=1)}, "after the deadline"),
        ({"answer": "refuse"}, "was 'refuse'"),
        ({"answer": ""}, "was ''"),
        ({"answer": "yes"}, "was 'yes'"),
    ],
)
def test_nothing_else_is_an_override(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(Conflict, match=fault):
        check_override(decision(**changes), judged(), RUN)


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "bike"}, {"model_digest": "x"}, {"dataset_digest": "x"}, {"spec_digest": "x"},
        {"gates": judged(Verdict.FAIL, Verdict.INCONCLUSIVE).gates}, {"gates": ()},
    ],
)  # fmt: skip
def test_an_answer_holds_for_what_was_shown_alone(changes: dict[str, Any]) -> None:
    other = judged(**changes)
    assert other.digest != judged().digest
    with pytest.raises(Conflict, match="another candidate"):
        check_override(decision(), other, RUN)
