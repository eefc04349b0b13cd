"""Bringing the tracking database to this MLflow's schema, once, before anybody writes to it.

Several processes that meet a fresh file all try to create it and all fail; so set-up does it alone:
``python -m include.tracking.migrate``. Safe to run again, and safe to run twice at a time.
"""

from __future__ import annotations

import fcntl
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow.store.db.utils import (
    _initialize_tables,
    _is_empty_database,
    _upgrade_db,
    create_sqlalchemy_engine_with_retry,
)
from sqlalchemy.exc import SQLAlchemyError

from include import logs, settings
from include.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Iterator

SQLITE = "sqlite:///"
DONE, INFRASTRUCTURE = 0, 30  # the exit codes of a step


def migrate(uri: str) -> bool:
    """Create or upgrade the database of an MLflow tracking URI.

    Args:
        uri: ``sqlite:///<path>`` or another database URI. An ``http(s)`` server migrates itself and
            is left alone.

    Returns:
        Whether there was a database of ours to look after.

    Raises:
        InfrastructureError: the database cannot be reached or written.
    """
    if uri.startswith(("http://", "https://")):
        return False
    try:
        with _alone(uri):
            engine = create_sqlalchemy_engine_with_retry(uri)
            # What `mlflow db upgrade` does, without its command line.
            (_initialize_tables if _is_empty_database(engine) else _upgrade_db)(engine)
            engine.dispose()
    except (OSError, SQLAlchemyError) as error:
        remedy = "Check the path, its owner and the space on the disk"
        what = "the tracking database cannot be migrated"
        raise InfrastructureError(what, where=uri, value=str(error), remedy=remedy) from error
    return True


@contextmanager
def _alone(uri: str) -> Iterator[None]:
    """Hold a lock beside a SQLite file, so that only one process migrates it at a time."""
    if not uri.startswith(SQLITE):
        yield
        return
    path = Path(uri.removeprefix(SQLITE))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Migrate the database of this installation and say how long it took."""
    logs.configure()
    uri = settings.read().mlflow_uri
    started = time.monotonic()
    try:
        is_ours = migrate(uri)
    except InfrastructureError as error:
        logs.get("migrate").error("migration_failed", error=str(error))
        return INFRASTRUCTURE
    seconds = round(time.monotonic() - started, 2)
    logs.get("migrate").info("tracking_migrated", uri=uri, ours=is_ours, seconds=seconds)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
