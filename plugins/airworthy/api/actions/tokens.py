"""Exchanges the workload secret and a claimed try for a token."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from include.audit.occurrence import Occurrence
from include.errors import BadInput, Forbidden
from plugins.airworthy.api.identity.corroboration import Standing
from plugins.airworthy.api.problems import Unauthenticated

if TYPE_CHECKING:
    from include.access.principal import Principal
    from include.client.messages.base import RunRef
    from include.client.messages.callers import Token
    from plugins.airworthy.api.identity.corroboration import RunCorroborator
    from plugins.airworthy.api.identity.workload_token import WorkloadTokens
    from plugins.airworthy.api.storage.work import Database

LONGEST_ID = 250


@dataclass(frozen=True)
class Exchange:
    """Gives tokens to workloads that know the secret.

    Attributes:
        secret: The environment's workload secret; where it is empty, nobody gets a token.
        tokens: Signs them.
        corroborator: Knows which tries are running.
    """

    secret: str
    tokens: WorkloadTokens
    corroborator: RunCorroborator

    def give(self, database: Database, given: str, run: RunRef, request_id: str) -> Token:
        """Return a token for a try, and record that it was given, or why not.

        Raises:
            Unauthenticated: The secret is wrong.
            Forbidden: Airflow says that the try is not running.
            BadInput: It is no try that could be.
        """
        if not self.secret or not hmac.compare_digest(given.encode(), self.secret.encode()):
            raise Unauthenticated(
                "not the workload secret", remedy="Check the connection `airworthy`"
            )
        if max(map(len, (run.dag_id, run.run_id, run.task_id))) > LONGEST_ID or not run.run_id:
            raise BadInput("no try of a task", remedy="Send the ids as Airflow gives them")
        standing = self.corroborator.standing(run)
        authn: Literal["claimed", "corroborated"] = (
            "corroborated" if standing is Standing.RUNNING else "claimed"
        )
        is_refused = standing is Standing.NOT_RUNNING
        _record(database, self.tokens.workload(run, authn), request_id, is_refused=is_refused)
        if is_refused:
            raise Forbidden(
                "Airflow says that this try is not running",
                value=f"{run.dag_id}/{run.run_id}/{run.task_id}/{run.try_number}",
                remedy="Ask from inside the running task",
            )
        return self.tokens.issue(run, authn)


def _record(database: Database, caller: Principal, request_id: str, *, is_refused: bool) -> None:
    with database.writing(caller, request_id) as work:
        work.tell(
            Occurrence(
                "token.refused" if is_refused else "token.issued",
                "workload",
                caller.id,
                outcome="denied" if is_refused else "done",
                code="not_running" if is_refused else caller.authn,
            )
        )
