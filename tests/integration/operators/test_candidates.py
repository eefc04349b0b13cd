"""The tasks around the search: the list that is mapped over, what has finished, the champion."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from include.errors import BadInput
from include.store.open import open_store
from operators.find_champion import FindChampionOperator
from operators.gather_candidates import GatherCandidatesOperator
from operators.list_candidates import ListCandidatesOperator
from tests.integration.operators.test_run_step import done

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def planned(folder: Path, *names: str) -> str:
    """Write the result of a plan and return its URI."""
    store, root = open_store(), f"file://{folder}/plan"
    plan = {"model": "m", "candidates": [{"algorithm": n, "trials": 10} for n in names]}
    data = json.dumps(plan).encode()
    store.write(f"{root}/plan.json", data)
    artifact = {"name": "plan", "uri": f"{root}/plan.json", "sha256": "", "size": len(data)}
    result = {"step": "plan", "key": "k", "outcome": "planned", "verdict": "pass", "message": ""}
    store.write(f"{root}/result.json", json.dumps(result | {"artifacts": [artifact]}).encode())
    return f"{root}/result.json"


def test_one_entry_a_candidate(steps: Any, context: Any, task: Any, tmp_path: Path) -> None:
    task.xcoms["plan", "return_value"] = planned(tmp_path, "logistic", "forest", "baseline")
    found = ListCandidatesOperator(task_id="candidates", plan="plan").execute(context())
    assert found == [{"algorithm": n} for n in ("logistic", "forest", "baseline")]


def test_a_plan_that_is_not_there_is_said(steps: Any, context: Any) -> None:
    with pytest.raises(BadInput, match="task plan"):
        ListCandidatesOperator(task_id="candidates", plan="plan").execute(context())


def gather(compiled: Any, context: Any, steps: Any, **more: Any) -> list[str]:
    """Return the inputs that a gathering step was given."""
    steps.plan(done("ensemble", "combined"))
    GatherCandidatesOperator(
        task_id="ensemble", step="ensemble", spec=compiled, fitted="fit", **more
    ).execute(context())
    told = steps.read("argv.json")
    return [word.split("=")[1] for word in told if word.startswith("--inputs=")]


@pytest.fixture
def finished(steps: Any, compiled: Any, context: Any) -> Callable[[str], str]:
    """Give what leaves a real result of a step, under a key of its own."""
    from operators.run_step import RunStepOperator

    def leave(name: str) -> str:
        steps.plan(done("fit_candidate", "fitted"))
        uri = RunStepOperator(
            task_id="fit", step="fit_candidate", spec=compiled, options={"algorithm": name}
        ).execute(context())
        assert uri is not None
        return uri

    return leave


def test_what_has_finished_is_gathered(
    steps: Any, compiled: Any, context: Any, task: Any, finished: Any
) -> None:
    task.xcoms["fit", "return_value"] = [finished("logistic"), finished("svm")]
    assert gather(compiled, context, steps) == ["fit_0", "fit_1"]


def test_a_single_one_is_gathered_too(
    steps: Any, compiled: Any, context: Any, task: Any, finished: Any
) -> None:
    task.xcoms["fit", "return_value"] = finished("logistic")
    assert gather(compiled, context, steps) == ["fit_0"]


def test_the_ensemble_is_an_input_only_where_it_finished(
    steps: Any, compiled: Any, context: Any, task: Any, finished: Any
) -> None:
    task.xcoms["fit", "return_value"] = [finished("logistic")]
    assert gather(compiled, context, steps, also="combined") == ["fit_0"]
    task.xcoms["combined", "return_value"] = finished("svm")
    assert sorted(gather(compiled, context, steps, also="combined")) == ["combined", "fit_0"]


def test_nothing_live_has_no_champion(compiled: Any, context: Any, plane: Any) -> None:
    operator = FindChampionOperator(task_id="champion", spec=compiled.spec)
    assert operator.execute(context()) == ""
