"""Answering where people are asked: as the demo's approver, under that log-in, with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.client.messages.decisions import AnswerDecision, DecisionState

if TYPE_CHECKING:
    from include.client.messages.decisions import Decision
    from include.embedded.demo.follow import RunKey
    from include.embedded.demo.people import Person
    from include.embedded.demo.progress import Progress


@dataclass(frozen=True)
class Answer:
    """What is said to a kind of question, and why."""

    answer: str
    reason: str


ANSWERS = {
    "first_release": Answer(
        "approve",
        "Gates passed on the untouched window; the demo's approver agrees to the first release.",
    ),
    "gate_override": Answer("override", "The demo's approver lets it in."),
}


@dataclass(frozen=True)
class Answerer:
    """Answers the questions of runs, and remembers how."""

    approver: Person
    progress: Progress
    _answered: list[Decision] = field(default_factory=list)

    def look(self, run: RunKey, reason: str = "") -> None:
        """Answer what a run asks, if it asks anything that the demo has an answer to.

        Args:
            run: The run.
            reason: Why, in this run; the usual reason where there is none.
        """
        control_plane = self.approver.control_plane
        for decision in control_plane.decisions(state=DecisionState.OPEN.value):
            mine = ANSWERS.get(decision.kind)
            if decision.run.run_id != run.run_id or mine is None:
                continue
            self.progress.event(f"decision asked: {decision.title}")
            answered = control_plane.answer_decision(
                decision.id,
                AnswerDecision(
                    answer=mine.answer,
                    reason=reason or mine.reason,
                    subject_digest=decision.subject_digest,
                ),
            )
            self._answered.append(answered)
            self.progress.event(f"answered `{mine.answer}` by {answered.answered_by}")

    def of(self, run_id: str) -> Decision | None:
        """Return the answered decision of a run."""
        return next((one for one in self._answered if one.run.run_id == run_id), None)
