"""Connections to SQLite and PostgreSQL that keep what was acknowledged.

SQLite: write-ahead log, ``synchronous=FULL`` (a commit is on the disk), foreign keys on, and a
transaction that will write takes the write lock at its beginning; taking it later could fail
without waiting. PostgreSQL: read committed; who changes an object holds an advisory lock on it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event, make_url, text

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Connection, Engine
    from sqlalchemy.orm import Session
    from sqlalchemy.pool import ConnectionPoolEntry

WAIT_MS = 15_000
POOL, OVERFLOW = 5, 40
WRITES = "airworthy_writes"


def connect(url: str) -> Engine:
    """Return an engine; nothing is opened before its first use."""
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        return _sqlite(str(url))
    timeouts = f"-c statement_timeout={WAIT_MS} -c lock_timeout={WAIT_MS}"
    return create_engine(
        target.set(drivername="postgresql+psycopg"),
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": timeouts, "connect_timeout": 10},
    )


def writing(engine: Engine) -> Engine:
    """Return the same engine for transactions that will write."""
    return engine.execution_options(**{WRITES: True})


def lock(session: Session, *names: str) -> None:
    """Hold a name until the transaction ends; on SQLite the writer holds everything already."""
    bind = session.get_bind()
    if bind.dialect.name == "postgresql":
        number = hashlib.sha256("\0".join(names).encode()).digest()[:8]
        key = int.from_bytes(number, "big", signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=POOL,
        max_overflow=OVERFLOW,
        hide_parameters=True,
        connect_args={"timeout": WAIT_MS / 1000, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, and never immediately.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={WAIT_MS}")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
