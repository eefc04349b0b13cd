"""``python -m plugins.airworthy.api.migrate``: brings the database to the newest revision.

Safe twice and safe from several processes at once: the whole upgrade is one transaction that holds
SQLite's write lock or a PostgreSQL advisory lock, and who comes second finds nothing to do.
"""

from __future__ import annotations

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from include import settings
from include.errors import AirworthyError, BadInput, InfrastructureError
from plugins.airworthy.api.storage.engine import connect, writing

SCRIPTS = Path(__file__).parent / "migrations"
LOCK = 0x6169725F  # any number that only this upgrade uses


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database to a revision; an SQLite file is made where there is none.

    Args:
        url: SQLAlchemy URL of the database.
        revision: The newest one, unless an older one is wanted.

    Raises:
        BadInput: The folder of the SQLite file cannot be made.
        InfrastructureError: The database does not answer, or does not let us in.
    """
    _make_folder(url)
    engine = connect(url)
    try:
        with writing(engine).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            config = Config()
            config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except OperationalError as cause:
        raise _unreachable(url, cause) from cause
    finally:
        engine.dispose()


def _make_folder(url: str) -> None:
    target = make_url(url)
    if target.get_backend_name() != "sqlite" or not target.database:
        return
    try:
        Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise BadInput(
            "the database's folder cannot be made",
            where=target.database,
            value=cause.strerror,
            remedy="Set AIRWORTHY_HOME or AIRWORTHY_DATABASE_URL",
        ) from cause


def _unreachable(url: str, cause: OperationalError) -> InfrastructureError:
    said = str(cause.orig).strip().splitlines() or ["no reason given"]
    return InfrastructureError(
        "the database did not take the migration",
        where=make_url(url).render_as_string(hide_password=True),
        value=said[0],
        remedy="Check AIRWORTHY_DATABASE_URL, and that the database can be reached from here",
    )


def main() -> int:
    """Upgrade the database of this installation."""
    try:
        upgrade(settings.read().database_url)
    except AirworthyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
