"""The unit of work: the only way to change a row, and never without its audit event.

``Database.writing`` gives a ``Work``. When its block ends, the session compares the rows that
changed with the events that were recorded; a changed row of which no event tells makes the commit
fail, and so does a statement that would change rows behind the session's back.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.orm import Session

from include.access.principal import Principal, Scope, system
from include.audit.occurrence import Circumstances, Occurrence
from include.audit.trail import record
from plugins.airworthy.api.storage.alerts import Alerts
from plugins.airworthy.api.storage.base import Audited
from plugins.airworthy.api.storage.decisions import Decisions
from plugins.airworthy.api.storage.endpoints import Endpoints
from plugins.airworthy.api.storage.engine import connect, writing
from plugins.airworthy.api.storage.outbox import Outbox
from plugins.airworthy.api.storage.replies import Replies
from plugins.airworthy.api.storage.rollbacks import Rollbacks
from plugins.airworthy.api.storage.rollouts import Rollouts
from plugins.airworthy.api.storage.runs import Runs
from plugins.airworthy.api.storage.trail import AuditTrail
from plugins.airworthy.api.storage.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import ORMExecuteState

    from include.clock import Clock

_CHANGED, _TOLD, _SEALED = "changed", "told", "sealed"


class Untold(RuntimeError):
    """A row was about to change without an audit event: a fault of the program."""


class Stores:
    """Every store of one scope, in one transaction."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self.scope = scope
        self.versions = Versions(session, scope)
        self.endpoints = Endpoints(session, scope)
        self.rollouts = Rollouts(session, scope)
        self.rollbacks = Rollbacks(session, scope)
        self.decisions = Decisions(session, scope)
        self.alerts = Alerts(session, scope)
        self.runs = Runs(session, scope)
        self.trail = AuditTrail(session, scope)
        self.outbox = Outbox(session, scope)
        self.replies = Replies(session, scope)


class Work(Stores):
    """One transaction that may change things, on behalf of one caller.

    Attributes:
        caller: Who asked for it.
        now: The instant of everything it does.
    """

    def __init__(self, session: Session, circumstances: Circumstances) -> None:
        super().__init__(session, circumstances.actor.scope)
        self._session = session
        self._circumstances = circumstances
        self._told: list[tuple[Occurrence, Principal]] = []

    @property
    def caller(self) -> Principal:
        """Who asked for it."""
        return self._circumstances.actor

    @property
    def now(self) -> datetime:
        """The instant of everything it does."""
        return self._circumstances.at

    def tell(self, occurrence: Occurrence, *, by_time: bool = False) -> None:
        """Record what happened to an object that this transaction changes.

        Args:
            occurrence: What happened.
            by_time: Whether time alone brought it about, and not the caller.
        """
        self._session.info[_TOLD].add(occurrence.subject)
        self._told.append((occurrence, system(self.scope) if by_time else self.caller))

    def commit(self) -> None:
        """Write the events behind everything else, and commit."""
        self._session.flush()
        for occurrence, actor in self._told:
            at, request = self._circumstances.at, self._circumstances.request_id
            record(self.trail, occurrence, Circumstances(actor, at, request))
        self._session.info[_SEALED] = True
        self._session.commit()


class Database:
    """Transactions on one database.

    Args:
        url: SQLAlchemy URL, SQLite or PostgreSQL.
        clock: Dates what is written.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self.engine = connect(url)
        self.clock = clock
        self._writer = writing(self.engine)

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Stores]:
        """Give the stores of a scope for reading; nothing is kept of what is changed."""
        with Session(self.engine) as session:
            yield Stores(session, scope)

    @contextmanager
    def writing(self, caller: Principal, request_id: str = "") -> Iterator[Work]:
        """Give a unit of work; it commits when the block ends without an error.

        Raises:
            Untold: A row changed of which no event tells.
        """
        with Session(self._writer, info={_CHANGED: set(), _TOLD: set()}) as session:
            event.listen(session, "before_flush", _note_changes)
            event.listen(session, "before_commit", _refuse_untold)
            event.listen(session, "do_orm_execute", _refuse_bulk)
            work = Work(session, Circumstances(caller, self.clock.now(), request_id))
            yield work
            work.commit()

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def _note_changes(session: Session, _context: object, _instances: object) -> None:
    touched = [*session.new, *session.deleted, *filter(session.is_modified, session.dirty)]
    session.info[_CHANGED].update(row.subject for row in touched if isinstance(row, Audited))


def _refuse_untold(session: Session) -> None:
    session.flush()
    untold = session.info[_CHANGED] - session.info[_TOLD]
    if untold:
        raise Untold(f"no event tells of {sorted(untold)}")
    if session.info[_TOLD] and _SEALED not in session.info:
        raise Untold("events were recorded and not written: leave the commit to the unit of work")


def _refuse_bulk(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        raise Untold("statements that change rows are not seen by the audit trail")
