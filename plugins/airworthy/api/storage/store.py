"""What every store has: a session, and the scope that it never looks beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, TypeVar

from sqlalchemy import Select, select

from plugins.airworthy.api.storage.base import Table
from plugins.airworthy.api.storage.engine import lock

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from include.access.principal import Scope

MOST = 500  # rows that a listing returns; the newest
Row = TypeVar("Row", bound=Table)


class Columns(TypedDict):
    """The two columns that lead every key."""

    tenant: str
    environment: str


class Store:
    """Base of the stores."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self.session = session
        self.key = (scope.tenant, scope.environment)
        self.columns: Columns = {"tenant": scope.tenant, "environment": scope.environment}

    def mine(self, table: type[Row]) -> Select[tuple[Row]]:
        """Return a query for the rows of this scope."""
        tenant, environment = self.key
        return select(table).where(table.tenant == tenant, table.environment == environment)

    def hold(self, *names: str) -> None:
        """Let no other transaction change the object of that name until this one ends."""
        lock(self.session, *self.key, *names)
