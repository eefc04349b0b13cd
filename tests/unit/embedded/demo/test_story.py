from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.embedded import credentials, ports
from include.embedded.demo.progress import Progress
from include.embedded.demo.story import Story
from include.embedded.home import Home
from include.errors import Conflict

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = ports.Ports(airflow=1, router=2, serving=3)


def refuse() -> None:
    raise Conflict("port 8080 is taken")


def test_a_suite_that_does_not_start_is_a_told_failure(tmp_path: Path) -> None:
    told = Story(Home(tmp_path), NOBODY, Progress(), refuse).tell()
    assert not told.is_complete
    assert told.failures == ("0  the suite starts: port 8080 is taken",)
    assert [phase.name for phase in told.phases] == ["0  the suite starts"]
    assert told.seconds_to_live is None


def test_an_airflow_that_does_not_answer_ends_the_story_in_its_first_act(tmp_path: Path) -> None:
    credentials.ensure(Home(tmp_path))
    told = Story(Home(tmp_path), NOBODY, Progress(), lambda: None).tell()
    assert not told.is_complete
    assert told.failures[0].startswith("1  a good batch becomes a version: ")
    assert (told.trainings, told.releases, told.prediction) == ((), (), None)


def test_an_interruption_is_not_swallowed(tmp_path: Path) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Story(Home(tmp_path), NOBODY, Progress(), interrupted).tell()
