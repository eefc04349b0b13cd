from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from include.client.messages.base import RunRef
from include.client.messages.decisions import Decision, DecisionState
from include.decisions.approving import Matter, check_approval
from include.errors import Conflict

OPENED = datetime(2026, 3, 2, 8, tzinfo=UTC)
MATTER = Matter("r", RunRef(dag_id="d", run_id="r", task_id="deploy"), "p")


def decision(**changes: Any) -> Decision:
    return Decision.model_validate({
        "id": "01", "kind": "first_release", "title": "t", "body": "b", "subject": "ames 1.0.0",
        "subject_digest": "p", "options": ("approve", "refuse"), "default": "refuse",
        "roles": ("approver",), "state": DecisionState.ANSWERED, "opened_at": OPENED,
        "opened_by": "person:bob", "deadline": OPENED + timedelta(hours=1), "answer": "approve",
        "answered_by": "ann", "answered_at": OPENED + timedelta(minutes=1),
        "run": RunRef(dag_id="d", run_id="r", task_id="ask", try_number=2), **changes,
    })  # fmt: skip


def test_a_yes_in_time_to_this_very_matter() -> None:
    check_approval(decision(), MATTER)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kind": "stage"}, "is a stage"),
        ({"run": RunRef(dag_id="d", run_id="r2")}, "another run"),
        ({"run": RunRef(dag_id="e", run_id="r")}, "another run"),
        ({"subject_digest": "q"}, "another package"),
        ({"state": DecisionState.OPEN}, "is open"),
        ({"state": DecisionState.EXPIRED}, "is expired"),
        ({"answered_at": None}, "is answered"),
        ({"answered_at": OPENED + timedelta(hours=1)}, "after the deadline"),
        ({"answer": "refuse"}, "was 'refuse'"),
        ({"answer": ""}, "was ''"),
        ({"answer": "yes"}, "was 'yes'"),
    ],
)
def test_everything_else_is_no_approval(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(Conflict, match=fault):
        check_approval(decision(**changes), MATTER)


def test_no_decision_is_no_approval() -> None:
    with pytest.raises(Conflict, match="no such decision"):
        check_approval(None, MATTER)
