"""Hands out what waits in the outbox, and closes decisions whose deadline has passed.

``python -m plugins.airworthy.relay`` runs until it is told to stop. It keeps nothing in memory
that matters: what it had claimed when it was killed is due again when the lease ends, so every
event arrives at least once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from include import logs, settings
from include.access.principal import Scope, system
from include.clock import SystemClock
from include.errors import AirworthyError, BadInput
from include.registry import announcing
from include.registry.announcing import Registered
from include.relay.airflow import Account, AirflowApi
from include.rollout import rollbacks
from include.rollout.rollbacks import RollbackWanted
from plugins.airworthy.api.actions.deciding import expire
from plugins.airworthy.api.storage.work import Database

if TYPE_CHECKING:
    from plugins.airworthy.api.storage.outbox import Letter

PAUSE_SECONDS = 1.0
PAUSE_AFTER_FAILURE_SECONDS = 5.0
_EVENTS: dict[str, type[Registered | RollbackWanted]] = {
    announcing.KIND: Registered,
    rollbacks.KIND: RollbackWanted,
}


class Relay:
    """One worker on the outbox of one scope.

    Args:
        database: Where the outbox is.
        airflow: Takes the events of registered versions and of rollbacks that people want.
        scope: Whose events are handed out.
    """

    def __init__(self, database: Database, airflow: AirflowApi, scope: Scope) -> None:
        self._database = database
        self._airflow = airflow
        self._self = system(scope)
        self._log = logs.get(__name__)

    def round(self) -> int:
        """Close what is overdue, hand out everything due, and return how many events arrived."""
        self.close_overdue()
        arrived = 0
        while letter := self._next():
            arrived += self._hand_out(letter)
        return arrived

    def close_overdue(self) -> tuple[str, ...]:
        """Close every decision whose deadline has passed, and return their ids."""
        with self._database.reading(self._self.scope) as stores:
            if not stores.decisions.overdue(self._database.clock.now()):
                return ()
        with self._database.writing(self._self) as work:
            closed = expire(work)
        self._log.info("expired", decisions=closed)
        return closed

    def _next(self) -> Letter | None:
        # One at a time: a lease must outlast the delivery of all that is claimed with it.
        with self._database.writing(self._self) as work:
            claimed = work.outbox.claim(work.now, 1)
        return claimed[0] if claimed else None

    def _hand_out(self, letter: Letter) -> bool:
        try:
            self._post(letter)
        except AirworthyError as failure:
            with self._database.writing(self._self) as work:
                due = work.outbox.put_off(letter.id, str(failure), work.now)
            self._log.warning("put_off", letter=letter.id, why=str(failure), due=str(due))
            return False
        with self._database.writing(self._self) as work:
            work.outbox.acknowledge(letter.id, work.now)
        self._log.info("arrived", letter=letter.id, kind=letter.kind, failures=letter.failures)
        return True

    def _post(self, letter: Letter) -> None:
        event = _read(letter)
        asset = self._airflow.asset_id(event.asset_name, event.asset_uri)
        self._airflow.emit(asset, event.model_dump(mode="json"))


def _read(letter: Letter) -> Registered | RollbackWanted:
    kind = _EVENTS.get(letter.kind)
    if kind is None:
        raise BadInput("unknown kind of event", where=f"outbox {letter.id}", value=letter.kind)
    try:
        return kind.model_validate_json(letter.payload)
    except ValidationError as broken:
        raise BadInput(
            f"not a {letter.kind} event", where=f"outbox {letter.id}", value=letter.payload
        ) from broken


def run(relay: Relay, stop: threading.Event) -> None:
    """Make a round every second until told to stop; a database that fails is tried again."""
    pause = 0.0
    while not stop.wait(pause):
        try:
            relay.round()
            pause = PAUSE_SECONDS
        except (AirworthyError, DBAPIError) as failure:
            logs.get(__name__).error("round_failed", why=str(failure))
            pause = PAUSE_AFTER_FAILURE_SECONDS


def main() -> int:
    """Run the relay of this installation until it is told to stop."""
    logs.configure()
    mine = settings.read()
    try:
        account = Account.read(os.environ)
    except BadInput as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    database = Database(mine.database_url, SystemClock())
    airflow = AirflowApi(mine.airflow_url, account)
    try:
        run(Relay(database, airflow, Scope(mine.tenant, mine.environment)), stop)
    finally:
        airflow.close()
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
