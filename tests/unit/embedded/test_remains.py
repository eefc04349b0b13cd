from __future__ import annotations

from typing import TYPE_CHECKING

from include.embedded import remains, stamps
from include.embedded.home import Home

if TYPE_CHECKING:
    from pathlib import Path


def lived_in(root: Path) -> Home:
    home = Home(root)
    for name in ("store", "venv", "run", "letters"):
        (root / name).mkdir()
        (root / name / "file").write_text("x")
    for name in ("airworthy.db", "airworthy.db-wal", "diary.txt"):
        (root / name).write_text("x")
    for phase in ("bootstrap", "database-ours"):
        with stamps.once(home, phase, "inputs"):
            pass
    return home


def test_state_goes_and_environments_and_strangers_stay(tmp_path: Path) -> None:
    home = lived_in(tmp_path)
    remains.remove(home, environments=False)
    assert {path.name for path in tmp_path.iterdir()} == {"venv", "stamps", "letters", "diary.txt"}
    assert stamps.is_done(home, "bootstrap")
    assert not stamps.is_done(home, "database-ours")


def test_everything_of_ours_goes_and_strangers_stay(tmp_path: Path) -> None:
    remains.remove(lived_in(tmp_path), environments=True)
    assert {path.name for path in tmp_path.iterdir()} == {"letters", "diary.txt"}


def test_linked_folders_are_unlinked_not_emptied(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("x")
    home = tmp_path / "home"
    home.mkdir()
    (home / "store").symlink_to(elsewhere)
    remains.remove(Home(home), environments=True)
    assert list(home.iterdir()) == []
    assert (elsewhere / "file").exists()


def test_a_home_that_never_was_is_fine(tmp_path: Path) -> None:
    remains.remove(Home(tmp_path / "nowhere"), environments=True)
