from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from include.embedded.home import REPOSITORY, Home, home
from include.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path


def test_state_lives_in_the_repository_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRWORTHY_HOME", raising=False)
    assert home().root == REPOSITORY / "var"
    monkeypatch.setenv("AIRWORTHY_HOME", "/somewhere else")
    assert str(home().root) == "/somewhere else"


@pytest.mark.parametrize("path", ["/a%b", '/a"b', "/a\\b", "/a\nb"])
def test_a_path_that_supervisord_cannot_carry_is_refused(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("AIRWORTHY_HOME", path)
    with pytest.raises(BadInput, match="AIRWORTHY_HOME"):
        home()


def test_the_marker_is_made_once_per_home(tmp_path: Path) -> None:
    marker = Home(tmp_path / "one").instance
    assert uuid.UUID(marker)
    assert Home(tmp_path / "one").instance == marker
    assert Home(tmp_path / "two").instance != marker
