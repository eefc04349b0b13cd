from __future__ import annotations

from typing import TYPE_CHECKING

from include.serving.desired import DesiredStates
from include.serving.endpoint import Endpoint, Variant

if TYPE_CHECKING:
    from pathlib import Path

LOANS = Endpoint(
    "loans",
    "loans",
    1,
    "x",
    1,
    (Variant("stable", "1.0.0", "file:///s/packages/a", "a" * 64, 100),),
)
BIKES = Endpoint("bikes", "bikes", 2, "y", 5, ())


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    states = DesiredStates(tmp_path / "state")
    states.save(LOANS)
    states.save(BIKES)
    states.save(LOANS)
    assert states.load().endpoints == (BIKES, LOANS)
    assert states.load().problems == ()


def test_nothing_saved_yet(tmp_path: Path) -> None:
    assert DesiredStates(tmp_path / "state").load().endpoints == ()


def test_a_corrupted_file_is_moved_aside_and_the_others_go_on(tmp_path: Path) -> None:
    states = DesiredStates(tmp_path)
    states.save(LOANS)
    states.save(BIKES)
    for round_ in (1, 2):
        (tmp_path / "loans.json").write_text('{"name": "loans", "revi')
        found = states.load()
        assert found.endpoints == (BIKES,)
        assert len(found.problems) == 1
        assert f"moved to loans.json.corrupt-{round_}" in found.problems[0]
        assert not (tmp_path / "loans.json").exists()
    assert states.load().problems == ()


def test_a_state_under_another_name_is_not_believed(tmp_path: Path) -> None:
    states = DesiredStates(tmp_path)
    states.save(LOANS)
    (tmp_path / "loans.json").rename(tmp_path / "bikes.json")
    assert "it is about endpoint loans" in states.load().problems[0]


def test_a_draft_left_by_a_crash_is_not_a_state(tmp_path: Path) -> None:
    (tmp_path / ".loans.json.123").write_text("half")
    assert DesiredStates(tmp_path).load().endpoints == ()
