from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from include.errors import BadInput
from plugins.airworthy.api.migrate import main, upgrade
from plugins.airworthy.api.storage.engine import connect
from plugins.airworthy.api.storage.tables import METADATA

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
