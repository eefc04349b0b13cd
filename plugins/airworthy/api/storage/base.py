"""What every table carries, and the types that both databases share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from include.client.messages.base import RunRef

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An instant in UTC; SQLite stores none of the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC, without zone where the database has none."""
        if value is None:
            return None
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Table(DeclarativeBase):
    """Base of every table; tenant and environment lead every key."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Instant(), str: String()}  # noqa: RUF012 - read by SQLAlchemy

    tenant: Mapped[str] = mapped_column(primary_key=True, sort_order=-2)
    environment: Mapped[str] = mapped_column(primary_key=True, sort_order=-1)


class Audited:
    """Rows that are state of ours: a change of one needs an event about its subject."""

    @property
    def subject(self) -> tuple[str, str]:
        """Kind and id of the object that the row belongs to."""
        raise TypeError(f"{type(self).__name__} names no subject")


class OfRun:
    """Columns that say which try of a task a row came from."""

    dag_id: Mapped[str]
    run_id: Mapped[str]
    task_id: Mapped[str]
    try_number: Mapped[int]
    map_index: Mapped[int]

    @property
    def run(self) -> RunRef:
        """The try as a message."""
        return RunRef(
            dag_id=self.dag_id,
            run_id=self.run_id,
            task_id=self.task_id,
            try_number=self.try_number,
            map_index=self.map_index,
        )
