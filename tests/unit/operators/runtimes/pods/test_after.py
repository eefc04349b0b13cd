"""What the end of a pod means for its task."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from include.errors import BadInput, InfrastructureError, StepCrashed, StoreUnavailable
from include.pods.ending import Cause, PodEnding
from include.steps.contract import StepFailure, StepResult
from include.store.open import open_store
from include.verdict import Verdict
from operators.run_step import failure
from operators.runtimes.pods.after import PodEnded, step_ending
from operators.runtimes.pods.memory import has_run_out, note
from tests.support.pod_tasks import StateStore

if TYPE_CHECKING:
    from pathlib import Path

SAID = StepFailure(error="StoreFull", what="no space is left", remedy="Make room")


@pytest.fixture
def output(tmp_path: Path) -> str:
    return f"file://{tmp_path}/results/fit/k/result.json"


def ended(output: str, cause: Cause, code: int | None = None, message: str = "") -> PodEnded:
    return PodEnded(PodEnding(cause, code, message), "p-1", output, "k", "2Gi", "4096Mi")


def leave(output: str, outcome: str) -> None:
    result = StepResult(step="fit", key="k", outcome=outcome, verdict=Verdict.PASS, message="m")
    open_store().write(output, result.model_dump_json().encode())


def test_it_survives_airflow(output: str) -> None:
    told = ended(output, Cause.EXITED, 30, "words")
    assert PodEnded.from_json(json.loads(json.dumps(told.to_json()))) == told


@pytest.mark.parametrize("code", [0, 10, 20, 30])
def test_a_typed_code_is_the_step_s_own_word(output: str, code: int) -> None:
    lines = f"told\n{SAID.model_dump_json()}\n"
    ending = step_ending("fit", ended(output, Cause.EXITED, code, lines), open_store())
    assert (ending.code, ending.failure) == (code, SAID)


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.EXITED])
@pytest.mark.parametrize(("outcome", "code"), [("fitted", 0), ("rejected", 10)])
def test_a_result_counts_whatever_became_of_its_pod(
    output: str, cause: Cause, outcome: str, code: int
) -> None:
    leave(output, outcome)
    assert step_ending("fit", ended(output, cause), open_store()).code == code


def test_a_result_counts_where_the_step_crashed_after_it(output: str) -> None:
    leave(output, "fitted")
    assert step_ending("fit", ended(output, Cause.EXITED, 139), open_store()).code == 0


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (Cause.MEMORY, StepCrashed),
        (Cause.DEADLINE, StepCrashed),
        (Cause.EVICTED, StepCrashed),
        (Cause.GONE, StepCrashed),
        (Cause.PULL, InfrastructureError),
        (Cause.STUCK, InfrastructureError),
        (Cause.UNREACHABLE, InfrastructureError),
        (Cause.SCRATCH, BadInput),
        (Cause.UNFIT, BadInput),
        (Cause.CONFIG, BadInput),
    ],
)
def test_each_cause_is_tried_again_or_not_and_says_what_to_do(
    output: str, cause: Cause, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=r"^step fit, pod p-1: ") as caught:
        step_ending("fit", ended(output, cause, message="why"), open_store())
    assert type(caught.value) is kind
    assert caught.value.remedy  # type: ignore[attr-defined]


def test_every_cause_has_a_meaning(output: str) -> None:
    for cause in set(Cause) - {Cause.EXITED}:
        with pytest.raises((BadInput, InfrastructureError)):
            step_ending("fit", ended(output, cause), open_store())


@pytest.mark.parametrize(
    ("code", "said"),
    [(139, "killed by signal 11"), (137, "killed by signal 9: out of memory?"),
     (1, "ended with code 1. Traceback")],
)  # fmt: skip
def test_a_crash_is_told_with_the_last_lines(output: str, code: int, said: str) -> None:
    crashed = ended(output, Cause.EXITED, code, "Traceback\nKeyError")
    ending = step_ending("fit", crashed, open_store())
    assert said in str(failure("fit", ending))


def test_a_store_that_does_not_answer_is_no_result(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file where a folder should be")
    with pytest.raises((StoreUnavailable, StepCrashed)):
        output = f"file://{tmp_path}/results/fit/k/result.json"
        step_ending("fit", ended(output, Cause.GONE), open_store())


def test_a_call_that_ran_out_of_memory_is_remembered_by_its_key() -> None:
    context = {"task_state_store": StateStore()}
    assert not has_run_out(context, "k")  # type: ignore[arg-type]
    note(context, "k")  # type: ignore[arg-type]
    assert has_run_out(context, "k")  # type: ignore[arg-type]
    assert not has_run_out(context, "other")  # type: ignore[arg-type]
    note(context, "")  # type: ignore[arg-type]
    assert not has_run_out(context, "k")  # type: ignore[arg-type]


def test_a_dag_file_does_not_pay_for_kubernetes() -> None:
    code = "import sys, operators.run_step; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "operators.run_step" in loaded
    costly = {"kubernetes", "kubernetes_asyncio", "airflow.providers.cncf.kubernetes.operators"}
    assert not loaded & costly
