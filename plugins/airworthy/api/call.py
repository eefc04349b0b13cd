"""What a route knows of its request: who calls, what may be read, and how a change is made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import Header, Request, Response

from include import digest
from include.access.naming import KEY
from include.access.permission import check
from plugins.airworthy.api.gate.journal import PRINCIPAL, REQUEST_ID
from plugins.airworthy.api.storage.replies import Ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

    from include.access.permission import Action
    from include.access.principal import Principal
    from plugins.airworthy.api.storage.work import Database, Stores, Work

Found = TypeVar("Found")
JSON = "application/json"
REPLAYED = "Idempotency-Replayed"
ACTION = "airworthy.action"


@dataclass(frozen=True)
class Call:
    """One authorised request.

    Attributes:
        principal: Who calls.
        database: Where state is.
        request_id: Joins log lines and audit events.
        route: Method and path, as an idempotency key is bound to them.
        key: The idempotency key; empty where none was sent.
    """

    principal: Principal
    database: Database
    request_id: str
    route: str
    key: str

    def read(self, question: Callable[[Stores], Found]) -> Found:
        """Return the answer to a question about the caller's own scope."""
        with self.database.reading(self.principal.scope) as stores:
            return question(stores)

    def settle(self, change: Callable[[Work], object]) -> None:
        """Make a change that time has already made due."""
        with self.database.writing(self.principal, self.request_id) as work:
            change(work)

    def write(self, message: BaseModel, change: Callable[[Work], BaseModel]) -> Response:
        """Make a change and answer with its result; the same key again answers the same.

        Raises:
            Conflict: The key was used for another request.
        """
        ask = self._ask(message)
        with self.database.writing(self.principal, self.request_id) as work:
            given = work.replies.given(ask) if ask else None
            if given is not None:
                return Response(given, media_type=JSON, headers={REPLAYED: "true"})
            answer = change(work).model_dump_json().encode()
            if ask:
                work.replies.keep(ask, answer, work.now)
        return Response(answer, media_type=JSON)

    def _ask(self, message: BaseModel) -> Ask | None:
        if not self.key:
            return None
        body = digest.of_bytes(message.model_dump_json().encode())
        return Ask(self.key, self.principal.key, self.route, body)


class Allowed:
    """Dependency of a route: the call, once its caller may take the action.

    Args:
        action: What the route does.
    """

    def __init__(self, action: Action) -> None:
        self.action = action

    def __call__(
        self,
        request: Request,
        idempotency_key: Annotated[str | None, Header(pattern=KEY)] = None,
    ) -> Call:
        """Return the call.

        Raises:
            Forbidden: The caller has none of the roles.
        """
        principal: Principal = request.scope[PRINCIPAL]
        request.scope[ACTION] = self.action
        check(principal, self.action)
        return Call(
            principal=principal,
            database=request.app.state.database,
            request_id=request.scope[REQUEST_ID],
            route=f"{request.method} {request.url.path}",
            key=idempotency_key or "",
        )
