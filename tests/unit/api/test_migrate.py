from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from include.access.principal import Scope
from include.errors import BadInput, InfrastructureError
from plugins.airworthy.api.migrate import main, upgrade
from plugins.airworthy.api.storage.engine import connect
from plugins.airworthy.api.storage.tables import METADATA
from plugins.airworthy.api.storage.trail import EventRow
from plugins.airworthy.api.storage.work import Stores

if TYPE_CHECKING:
    from pathlib import Path


def differences(url: str) -> list[object]:
    engine = connect(url)
    try:
        with engine.connect() as connection:
            return list(compare_metadata(MigrationContext.configure(connection), METADATA))
    finally:
        engine.dispose()


def test_revisions_build_what_the_tables_say(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new folder/airworthy.db"
    upgrade(url)
    upgrade(url)
    assert differences(url) == []


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRWORTHY_DATABASE_URL", f"sqlite:///{tmp_path}/x.db")
    assert main() == 0
    assert differences(f"sqlite:///{tmp_path}/x.db") == []


def test_a_folder_that_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    url = f"sqlite:///{tmp_path}/file/folder/x.db"
    with pytest.raises(BadInput, match="folder cannot be made"):
        upgrade(url)
    monkeypatch.setenv("AIRWORTHY_DATABASE_URL", url)
    assert main() == 1
    assert "AIRWORTHY_HOME" in capsys.readouterr().err


def test_what_the_first_revision_holds_keeps_its_meaning(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    upgrade(url, "0001")
    at = "2026-01-01 00:00:00.000000"
    body = b'{"object":{"type":"rollout","id":"R1"}}'
    engine = connect(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO endpoint VALUES ('t', 'e', 'ames', 'ames', '', 2, 3, '[]', '1.0.0')"
        )
        for number, is_first in (("R1", True), ("R2", False)):
            connection.exec_driver_sql(
                "INSERT INTO rollout VALUES ('t', 'e', ?, 'ames', 'ames', '1.0.0', 'd', 'promoted',"
                " 'so', 1, ?, 0, '', '', '', NULL, ?, ?, 'dag', ?, 'task', 1, -1)",
                (number, is_first, at, at, number),
            )
        connection.exec_driver_sql("INSERT INTO audit_event VALUES ('t', 'e', 0, 'E1', ?)", (body,))
    upgrade(url)
    with Session(engine) as session:
        stores = Stores(session, Scope("t", "e"))
        kinds = {one.id: one.plan.kind for one in stores.rollouts.listed("", None)}
        about = session.scalars(select(EventRow.about)).all()
        endpoint = stores.endpoints.get("ames")
    engine.dispose()
    assert kinds == {"R1": "first", "R2": "canary"}
    assert list(about) == ["rollout/R1"]
    assert endpoint is not None
    assert (endpoint.live_version, endpoint.rollback_target) == ("1.0.0", "")
    assert differences(url) == []


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    # Port 1 of this machine has no listener.
    with pytest.raises(InfrastructureError, match="AIRWORTHY_DATABASE_URL") as told:
        upgrade("postgresql://ada:swordfish@127.0.0.1:1/models")
    assert "127.0.0.1:1/models" in str(told.value)
    assert "swordfish" not in str(told.value)
