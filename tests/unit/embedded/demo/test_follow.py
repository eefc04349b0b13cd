from __future__ import annotations

import re

import pytest

from include.embedded.demo.follow import Deadline, Follower, NotInTime, RunKey, follow, until
from include.embedded.demo.progress import Progress
from include.errors import InfrastructureError

RUN = RunKey("m_train", "manual__2026-11-21T10:00:00+00:00")


class Airflow:
    """Answers like Airflow's API, one scene after another."""

    def __init__(self, *scenes: tuple[str, dict[str, str]]) -> None:
        self.scenes = list(scenes)
        self.asked: list[str] = []

    def get(self, path: str, **_: object) -> dict[str, object]:
        self.asked.append(path)
        state, tasks = self.scenes[0]
        if not path.endswith("/taskInstances"):
            self.scenes = self.scenes[1:] or self.scenes
            return {"state": state}
        return {
            "task_instances": [
                {"task_display_name": name, "state": known, "start_date": "x", "duration": 1.26}
                for name, known in tasks.items()
            ]
        }


def test_each_change_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    airflow = Airflow(
        ("running", {"acquire": "queued"}),
        ("running", {"acquire": "running"}),
        ("running", {"acquire": "running"}),
        ("success", {"acquire": "success", "train": "success"}),
    )
    follower = Follower(airflow, RUN, Progress())
    while not follower.has_ended():
        pass
    lines = [re.sub(r"^\[.*?\] ", "", line) for line in capsys.readouterr().out.splitlines()]
    assert [line.split()[1:3] for line in lines] == [
        ["acquire", "running"], ["acquire", "success"], ["train", "success"],
    ]  # fmt: skip
    assert "1.3 s" in lines[-1]


def test_a_run_id_is_quoted_in_the_path() -> None:
    airflow = Airflow(("success", {}))
    progress, looks = Progress(), []
    follower = Follower(airflow, RUN, progress)
    state = follow(follower, Deadline("it", 5, "log"), progress, lambda: looks.append(1))
    assert (state, looks) == ("success", [1])
    assert all("+" not in path and ":" not in path for path in airflow.asked)


def test_waiting_ends_at_the_deadline_and_says_for_what() -> None:
    with pytest.raises(NotInTime, match=r"waited 0 s for rain\. Read the.log"):
        until(lambda: False, Deadline("rain", 0, "the.log"), Progress(), pause=0)


def test_a_late_answer_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, InfrastructureError("late"), True])

    def happened() -> bool:
        answer = next(answers)
        if isinstance(answer, InfrastructureError):
            raise answer
        return answer

    until(happened, Deadline("rain", 5, "log"), Progress(), pause=0)


def test_an_outage_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.embedded.demo.follow.OUTAGE_SECONDS", 0)

    class Down(Airflow):
        def get(self, path: str, **_: object) -> dict[str, object]:
            raise InfrastructureError("down")

    progress = Progress()
    with pytest.raises(InfrastructureError):
        follow(Follower(Down(("x", {})), RUN, progress), Deadline("it", 5, "log"), progress)
