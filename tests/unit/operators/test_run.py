from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from operators.defaults import RETRY_BY_CAUSE
from operators.run import is_repeat, param, partition, run_link, run_ref


def test_a_try_is_named_as_airflow_names_it(context: Any) -> None:
    run = run_ref(context())
    assert (run.dag_id, run.task_id, run.try_number, run.map_index) == (
        "mortgage_approval_train", "t", 1, -1,
    )  # fmt: skip


def test_the_link_survives_colons_and_plus_signs(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRWORTHY_AIRFLOW_URL", "http://localhost:1")
    assert run_link(run_ref(context())) == (
        "http://localhost:1/dags/mortgage_approval_train/runs/"
        "manual__2026-01-01T00%3A00%3A00%2B00%3A00"
    )


def test_a_partition_comes_from_the_form_or_the_spec(context: Any, compiled: Any) -> None:
    spec = compiled.spec
    assert partition(context(), spec) == spec.data.default_partition
    assert partition(context(params={"partition": "other"}), spec) == "other"
    assert partition(context(params={"partition": None}), spec) == spec.data.default_partition


def test_an_empty_field_is_no_value(context: Any) -> None:
    assert param(context(params={"version": None}), "version") == ""
    assert param(context(), "version") == ""


@pytest.mark.parametrize(
    ("run", "max_tries", "repeats"),
    [
        ({}, 3, False),
        ({"run_type": "scheduled", "data_interval_start": datetime(2011, 1, 1, tzinfo=UTC)}, 3,
         False),
        ({"run_type": "backfill"}, 3, True),
        ({"clear_number": 1}, 3, True),
        ({}, 4, True),
    ],
    ids=["manual", "scheduled", "backfill", "run cleared", "task cleared"],
)  # fmt: skip
def test_what_is_done_again_is_known(
    context: Any, task: Any, run: dict[str, Any], max_tries: int, repeats: bool
) -> None:
    task.max_tries = max_tries
    assert is_repeat(context(**run)) is repeats


def test_a_retry_is_no_repetition(context: Any, task: Any) -> None:
    task.try_number = 3
    assert not is_repeat(context())


@pytest.mark.parametrize(
    ("error", "action"),
    [
        ("InfrastructureError", "retry"), ("StepCrashed", "retry"), ("StoreFull", "retry"),
        ("ControlPlaneUnavailable", "retry"), ("BadInput", "fail"), ("StepBadInput", "fail"),
        ("Rejected", "fail"), ("RunEnded", "fail"), ("FencedOut", "fail"), ("Forbidden", "fail"),
    ],
)  # fmt: skip
def test_retries_go_by_cause(error: str, action: str) -> None:
    from include import errors

    decision = RETRY_BY_CAUSE.evaluate(getattr(errors, error)("x"), try_number=1, max_tries=3)
    assert decision.action.value == action


def test_what_nobody_foresaw_is_retried_as_usual() -> None:
    decision = RETRY_BY_CAUSE.evaluate(KeyError("x"), try_number=1, max_tries=3)
    assert decision.action.value == "default"
