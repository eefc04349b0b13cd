from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.embedded import stamps
from include.embedded.home import Home

if TYPE_CHECKING:
    from pathlib import Path


def test_a_phase_is_done_once(tmp_path: Path) -> None:
    done = []
    for _ in range(3):
        with stamps.once(Home(tmp_path), "phase", "inputs") as needed:
            done.append(needed)
    assert done == [True, False, False]


def test_other_inputs_are_another_phase(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with stamps.once(home, "phase", "old"):
        pass
    with stamps.once(home, "phase", "new") as needed:
        assert needed
    assert stamps.is_set(home, "phase", "new")
    assert not stamps.is_set(home, "phase", "old")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError])
def test_an_interrupted_phase_is_done_again(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    home = Home(tmp_path)
    with stamps.once(home, "phase", "inputs"):
        pass
    stamps.forget(home, "phase")
    with pytest.raises(interruption), stamps.once(home, "phase", "inputs"):
        raise interruption
    with stamps.once(home, "phase", "inputs") as needed:
        assert needed


def test_a_redo_that_is_interrupted_forgets_the_old_stamp(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with stamps.once(home, "phase", "old"):
        pass
    with pytest.raises(KeyboardInterrupt), stamps.once(home, "phase", "new"):
        raise KeyboardInterrupt
    assert not stamps.is_set(home, "phase", "old")


def test_the_digest_sees_names_contents_and_words(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("a")
    digests = [
        stamps.digest([one]),
        stamps.digest([two]),
        stamps.digest([one, two]),
        stamps.digest([one], "word"),
        stamps.digest([one], "wo", "rd"),
    ]
    one.write_text("b")
    assert len({*digests, stamps.digest([one])}) == 6
