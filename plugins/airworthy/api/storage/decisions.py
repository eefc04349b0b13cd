"""Questions to people, and their answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from include.client.messages.decisions import Decision, DecisionState
from plugins.airworthy.api.storage.base import Audited, OfRun, Table
from plugins.airworthy.api.storage.store import MOST, Store

_PLAIN = (
    "id",
    "kind",
    "title",
    "body",
    "subject_digest",
    "default",
    "opened_at",
    "opened_by",
    "asked_by",
    "deadline",
    "answer",
    "answered_by",
    "answered_at",
    "reason",
    "extensions",
)


class DecisionRow(OfRun, Audited, Table):
    """A question to people, and its answer."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint(
            "tenant", "environment", "kind", "subject_digest", "dag_id", "run_id", name="question"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    about: Mapped[str]
    subject_digest: Mapped[str]
    options: Mapped[list[str]] = mapped_column(JSON)
    default: Mapped[str] = mapped_column("default_option")
    roles: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    asked_by: Mapped[str]
    deadline: Mapped[datetime] = mapped_column(index=True)
    extensions: Mapped[int]
    answer: Mapped[str]
    answered_by: Mapped[str]
    answered_at: Mapped[datetime | None]
    reason: Mapped[str]

    @property
    def subject(self) -> tuple[str, str]:
        """The decision itself."""
        return "decision", self.id

    def message(self) -> Decision:
        """Return the decision as it travels."""
        return Decision.model_validate({
            **{name: getattr(self, name) for name in _PLAIN},
            "subject": self.about,
            "options": tuple(self.options),
            "roles": tuple(self.roles),
            "state": DecisionState(self.state),
            "run": self.run,
        })


class ExtensionRow(Audited, Table):
    """One moved deadline: who moved it, and why."""

    __tablename__ = "decision_extension"

    decision: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    deadline: Mapped[datetime]
    extended_by: Mapped[str]
    extended_at: Mapped[datetime]
    reason: Mapped[str]

    @property
    def subject(self) -> tuple[str, str]:
        """The decision that was extended."""
        return "decision", self.decision


class Decisions(Store):
    """The decisions of one scope."""

    def get(self, decision_id: str) -> Decision | None:
        """Return one decision."""
        row = self.session.get(DecisionRow, (*self.key, decision_id))
        return row.message() if row else None

    def fresh(self, decision_id: str) -> Decision | None:
        """Return one decision as it is now, whatever this transaction read before."""
        row = self.session.get(DecisionRow, (*self.key, decision_id), populate_existing=True)
        return row.message() if row else None

    def asked(self, kind: str, digest: str, dag_id: str, run_id: str) -> Decision | None:
        """Return the decision that a run opened about a digest."""
        row = self.session.scalar(
            self.mine(DecisionRow).where(
                DecisionRow.kind == kind,
                DecisionRow.subject_digest == digest,
                DecisionRow.dag_id == dag_id,
                DecisionRow.run_id == run_id,
            )
        )
        return row.message() if row else None

    def listed(self, state: DecisionState | None) -> tuple[Decision, ...]:
        """Return the decisions, newest first."""
        wanted = self.mine(DecisionRow)
        if state is not None:
            wanted = wanted.where(DecisionRow.state == state.value)
        rows = self.session.scalars(wanted.order_by(DecisionRow.id.desc()).limit(MOST))
        return tuple(row.message() for row in rows)

    def overdue(self, now: datetime) -> tuple[str, ...]:
        """Return the ids of the open decisions whose deadline has passed."""
        rows = self.session.scalars(
            self.mine(DecisionRow).where(
                DecisionRow.state == DecisionState.OPEN.value, DecisionRow.deadline <= now
            )
        )
        return tuple(row.id for row in rows)

    def put(self, decision: Decision) -> None:
        """Store a decision, new or changed."""
        self.session.merge(
            DecisionRow(
                **self.columns,
                **{name: getattr(decision, name) for name in _PLAIN},
                **decision.run.model_dump(),
                about=decision.subject,
                options=list(decision.options),
                roles=list(decision.roles),
                state=decision.state.value,
            )
        )
        self.session.flush()

    def add_extension(self, decision: Decision, by: str, at: datetime, reason: str) -> None:
        """Store who moved the deadline to where it now is."""
        self.session.add(
            ExtensionRow(
                **self.columns,
                decision=decision.id,
                number=decision.extensions,
                deadline=decision.deadline,
                extended_by=by,
                extended_at=at,
                reason=reason,
            )
        )
