from __future__ import annotations

import pytest

from include.embedded.health import Condition, NotReady, await_condition, expected_dags


def test_waiting_ends_when_the_condition_holds() -> None:
    answers = iter(["not yet", ""])
    assert await_condition(Condition("x", lambda: next(answers), "log", 5), lambda: "") < 5


def test_the_deadline_names_what_was_waited_for_and_the_log() -> None:
    never = Condition("scheduler", lambda: "no heartbeat yet", "logs/scheduler.log", 0)
    with pytest.raises(NotReady, match=r"scheduler not ready.*no heartbeat yet") as late:
        await_condition(never, lambda: "")
    assert "logs/scheduler.log" in str(late.value)


def test_waiting_in_vain_ends_at_once() -> None:
    never = Condition("serving", lambda: "silent", "log", 3600)
    with pytest.raises(NotReady, match="serving failed too often"):
        await_condition(never, lambda: "serving failed too often")


def test_every_compiled_spec_is_two_dags() -> None:
    assert {"mortgage_approval_train", "mortgage_approval_release"} <= expected_dags()
