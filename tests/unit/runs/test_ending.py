from __future__ import annotations

import pytest

from include.client.messages.rollouts import RolloutState
from include.client.messages.runs import RunState
from include.rollout.states import ENDS
from include.runs.ending import FinishedTasks, release_ending, training_ending


def test_registered_is_the_only_success() -> None:
    tasks = FinishedTasks({"register": "success", "refuse": "skipped"})
    ending = training_ending(tasks, said="", version="1.0.0")
    assert (ending.state, ending.reason) == (RunState.SUCCEEDED, "registered 1.0.0")
    assert ending.is_success


def test_the_data_verdict_stops_a_run() -> None:
    tasks = FinishedTasks({"stop_and_alert": "success", "register": "skipped"})
    ending = training_ending(tasks, said="column missing", version="")
    assert ending.state is RunState.STOPPED
    assert ending.reason == "stopped by the data verdict: column missing"


def test_the_gates_refuse_a_run() -> None:
    tasks = FinishedTasks({"refuse": "success", "register": "skipped"})
    ending = training_ending(tasks, said="auc 0.6 below 0.7", version="")
    assert ending.state is RunState.REFUSED
    assert "auc 0.6" in ending.reason


def test_an_error_says_which_task_and_why() -> None:
    states = {"train": "failed", "register": "upstream_failed"}
    ending = training_ending(FinishedTasks(states, {"train": "no memory"}), said="", version="")
    assert ending.state is RunState.FAILED
    assert ending.reason == "train failed: no memory"


def test_a_candidate_that_failed_is_told_and_does_not_lose_the_others() -> None:
    states = {"fit_0": "success", "fit_1": "failed", "register": "success"}
    tasks = FinishedTasks(states, {"fit_1": "no memory"})
    ending = training_ending(tasks, said="", version="1.0.0")
    assert ending.is_success
    assert ending.reason == "registered 1.0.0, although fit_1 failed: no memory"


def test_candidates_that_all_failed_fail_the_run_by_name() -> None:
    states = {"fit_0": "failed", "fit_1": "failed", "select": "upstream_failed"}
    ending = training_ending(FinishedTasks(states), said="", version="")
    assert ending.state is RunState.FAILED
    assert ending.reason.startswith("fit_0 failed")


def test_a_refusal_after_a_lost_candidate_is_a_refusal() -> None:
    states = {"fit_0": "success", "fit_1": "failed", "refuse": "success"}
    ending = training_ending(FinishedTasks(states), said="too wrong", version="")
    assert (ending.state, ending.reason) == (RunState.REFUSED, "refused by the gates: too wrong")


def test_an_error_beats_everything_else() -> None:
    tasks = FinishedTasks({"register": "success", "track": "failed"})
    assert not training_ending(tasks, said="", version="1.0.0").is_success


@pytest.mark.parametrize("states", [{}, {"register": "skipped"}, {"register": "success"}])
def test_nothing_at_all_is_no_success(states: dict[str, str]) -> None:
    assert not training_ending(FinishedTasks(states), said="", version="").is_success


def test_a_task_that_vanished_is_no_success() -> None:
    tasks = FinishedTasks({"gate": "removed", "register": "success"})
    assert "gate" in training_ending(tasks, said="", version="1.0.0").reason


@pytest.mark.parametrize("state", sorted(ENDS))
def test_only_a_promoted_rollout_is_a_success(state: RolloutState) -> None:
    ending = release_ending("1.0.0", state, "because")
    assert ending.is_success is (state is RolloutState.PROMOTED)
    assert ending.reason.endswith("because")


@pytest.mark.parametrize("state", sorted(set(RolloutState) - ENDS))
def test_a_rollout_that_has_not_ended_is_a_failure(state: RolloutState) -> None:
    assert release_ending("1.0.0", state, "?").state is RunState.FAILED
