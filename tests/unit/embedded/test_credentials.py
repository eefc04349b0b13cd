from __future__ import annotations

import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from include.embedded import credentials
from include.embedded.home import Home
from include.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path


def private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600


def test_made_once_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    home = Home(tmp_path)
    credentials.ensure(home)
    first, people = credentials.read(home), credentials.passwords(home)
    credentials.ensure(home)
    assert credentials.read(home) == first
    assert credentials.passwords(home) == people
    assert private(home.credentials)
    assert private(home.passwords)


def test_every_log_in_has_its_own_password(tmp_path: Path) -> None:
    credentials.ensure(Home(tmp_path))
    people = credentials.passwords(Home(tmp_path))
    assert set(people) == {"viewer", "operator", "approver", "admin", "airworthy"}
    assert len(set(people.values())) == len(people)


def test_a_missing_log_in_is_added_and_no_other_changes(tmp_path: Path) -> None:
    home = Home(tmp_path)
    credentials.write_private(home.passwords, '{"admin": "kept"}')
    credentials.ensure(home)
    people = credentials.passwords(home)
    assert people["admin"] == "kept"
    assert len(people) == 5


def test_a_secret_that_came_with_a_later_release_is_added(tmp_path: Path) -> None:
    home = Home(tmp_path)
    credentials.ensure(home)
    first = credentials.read(home)
    older = json.loads(home.credentials.read_text())
    del older["outcomes_token"]
    credentials.write_private(home.credentials, json.dumps(older))
    credentials.ensure(home)
    assert replace(credentials.read(home), outcomes_token=first.outcomes_token) == first
    assert private(home.credentials)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"fernet_key": "x"}'])
def test_damaged_secrets_are_refused(tmp_path: Path, text: str) -> None:
    credentials.write_private(Home(tmp_path).credentials, text)
    with pytest.raises(BadInput, match="no usable secrets"):
        credentials.read(Home(tmp_path))


def test_the_secrets_are_not_in_the_representation_of_a_program(tmp_path: Path) -> None:
    from include.embedded.programs import programs

    home = Home(tmp_path)
    credentials.ensure(home)
    shown = repr(programs(home))
    keys = credentials.read(home)
    assert not any(secret in shown for secret in (keys.jwt_secret, keys.serving_token))
