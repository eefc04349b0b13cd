from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from include.client.messages.base import RunRef
from include.client.messages.decisions import AnswerDecision, Decision, DecisionState
from include.embedded.demo.answers import Answerer
from include.embedded.demo.follow import RunKey
from include.embedded.demo.progress import Progress

NOW = datetime(2026, 3, 2, tzinfo=UTC)
RUN = RunKey("m_train", "r1")


def decision(kind: str, run_id: str = "r1") -> Decision:
    return Decision(
        id=f"{kind}-{run_id}", kind=kind, title="Sure?", body="", subject="m", subject_digest="d",
        options=("override", "approve", "refuse"), default="refuse", roles=("approver",),
        state=DecisionState.OPEN, opened_at=NOW, opened_by="workload:m",
        deadline=NOW + timedelta(hours=1), run=RunRef(dag_id="m_train", run_id=run_id),
    )  # fmt: skip


class Approver:
    """A person whose control plane remembers what was answered."""

    def __init__(self, *asked: Decision) -> None:
        self.asked = {one.id: one for one in asked}
        self.control_plane = self

    def decisions(self, *, state: str) -> tuple[Decision, ...]:
        return tuple(one for one in self.asked.values() if one.state.value == state)

    def answer_decision(self, decision_id: str, answer: AnswerDecision) -> Decision:
        changes: dict[str, Any] = {
            "state": DecisionState.ANSWERED, "answer": answer.answer, "reason": answer.reason,
            "answered_by": "approver",
        }  # fmt: skip
        self.asked[decision_id] = self.asked[decision_id].model_copy(update=changes)
        return self.asked[decision_id]


def test_it_answers_each_kind_once_with_its_reason() -> None:
    approver = Approver(decision("gate_override"), decision("first_release", "r2"))
    answerer = Answerer(approver, Progress())
    for _ in range(2):
        answerer.look(RUN, "on purpose")
    mine = answerer.of("r1")
    assert mine is not None
    assert (mine.answer, mine.answered_by) == ("override", "approver")
    assert mine.reason == "on purpose"
    assert answerer.of("r2") is None


def test_it_leaves_open_what_it_has_no_answer_to() -> None:
    approver = Approver(decision("stage"))
    Answerer(approver, Progress()).look(RUN)
    assert [one.state for one in approver.asked.values()] == [DecisionState.OPEN]
