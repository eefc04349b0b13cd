from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from include.errors import BadInput, InfrastructureError, Rejected, StepBadInput, StepCrashed
from operators.run_step import RunStepOperator

RESULT = """
out = given["output"].removeprefix("file://")
os.makedirs(os.path.dirname(out), exist_ok=True)
result = dict(step="{step}", key=given["key"], outcome="{outcome}", verdict="pass", message="said")
pathlib.Path(out).write_text(json.dumps(result))
sys.exit({code})
"""


def operator(compiled: Any, **arguments: Any) -> RunStepOperator:
    arguments = {"task_id": "train", "step": "train", **arguments}
    return RunStepOperator(spec=compiled, **arguments)


def done(step: str = "train", outcome: str = "trained", code: int = 0) -> str:
    return RESULT.format(step=step, outcome=outcome, code=code)


def failing(code: int, **said: str) -> str:
    line = json.dumps({"event": "step_failed", "error": "BadInput", **said})
    return f"print({line!r}); sys.exit({code})"


def test_it_returns_where_the_result_is(steps: Any, compiled: Any, context: Any) -> None:
    steps.plan(done())
    uri = operator(compiled).execute(context())
    assert uri.startswith("file://")
    assert uri.endswith("/result.json")
    assert Path(uri.removeprefix("file://")).is_file()


def test_the_step_gets_spec_inputs_and_options(
    steps: Any, compiled: Any, context: Any, task: Any
) -> None:
    steps.plan(done("acquire", "acquired"))
    first = operator(compiled, step="acquire", options={"partition": "p"}).execute(context())
    task.xcoms["acquire", "return_value"] = first
    steps.plan(done())
    operator(compiled, inputs={"data": ("quarantine", "acquire")}).execute(context())
    told = steps.read("argv.json")
    assert f"--inputs=data={first}" in told
    spec = next(a.removeprefix("--spec=file://") for a in told if a.startswith("--spec="))
    assert json.loads(Path(spec).read_text())["digest"] == compiled.digest


def test_what_an_earlier_task_told_is_an_option_where_it_ran(
    steps: Any, compiled: Any, context: Any, task: Any
) -> None:
    steps.plan(done())
    operator(compiled, told={"override": "ask_override"}).execute(context())
    assert not [word for word in steps.read("argv.json") if word.startswith("--option")]
    task.xcoms["ask_override", "return_value"] = "01JDXYZ"
    operator(compiled, told={"override": "ask_override"}).execute(context())
    assert "--option=override=01JDXYZ" in steps.read("argv.json")


def test_the_better_input_wins(steps: Any, compiled: Any, context: Any, task: Any) -> None:
    for name in ("acquire", "quarantine"):
        steps.plan(done(name, "x"))
        made = operator(compiled, step=name, options={"n": name}).execute(context())
        task.xcoms[name, "return_value"] = made
    steps.plan(done())
    operator(compiled, inputs={"data": ("quarantine", "acquire")}).execute(context())
    assert "/results/quarantine/" in " ".join(steps.read("argv.json"))


def test_an_input_that_no_task_left_is_bad_input(steps: Any, compiled: Any, context: Any) -> None:
    with pytest.raises(BadInput, match="left no result") as caught:
        operator(compiled, inputs={"data": ("acquire",)}).execute(context())
    assert "data" in str(caught.value)


def test_bad_input_is_told_in_the_steps_own_words(
    steps: Any, compiled: Any, context: Any, task: Any
) -> None:
    steps.plan(failing(20, what="a column is missing", where="rows.csv", value="apr", remedy="Add"))
    with pytest.raises(StepBadInput, match="a column is missing"):
        operator(compiled).execute(context())
    assert task.xcoms["t", "failure"] == (
        "step train: rows.csv: a column is missing (got 'apr'). Add"
    )


def test_infrastructure_is_told_apart(steps: Any, compiled: Any, context: Any) -> None:
    steps.plan(failing(30, what="the store is full"))
    with pytest.raises(InfrastructureError, match="the store is full") as caught:
        operator(compiled).execute(context())
    assert not isinstance(caught.value, StepCrashed)


@pytest.mark.parametrize(
    "plan", ["os.kill(os.getpid(), 9)", "sys.exit(137)"], ids=["signal", "code of a shell"]
)
def test_a_killed_step_is_a_crash_that_hints_at_memory(
    steps: Any, compiled: Any, context: Any, plan: str
) -> None:
    steps.plan(plan)
    with pytest.raises(StepCrashed, match=r"killed by signal 9: out of memory\?"):
        operator(compiled).execute(context())


def test_an_exception_of_the_step_is_a_crash_with_its_last_lines(
    steps: Any, compiled: Any, context: Any
) -> None:
    steps.plan("raise RuntimeError('this very thing')")
    with pytest.raises(StepCrashed, match="this very thing"):
        operator(compiled).execute(context())


def test_a_rule_that_says_no_fails_the_task(steps: Any, compiled: Any, context: Any) -> None:
    steps.plan(done(outcome="rejected", code=10))
    with pytest.raises(Rejected, match="said"):
        operator(compiled).execute(context())


def test_success_without_a_result_is_no_success(steps: Any, compiled: Any, context: Any) -> None:
    steps.plan("pass")
    with pytest.raises(InfrastructureError):
        operator(compiled).execute(context())


def test_another_runtime_is_refused_by_name(
    steps: Any, compiled: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRWORTHY_RUNTIME", "submarine")
    with pytest.raises(BadInput, match="submarine"):
        operator(compiled).execute(context())


def test_killing_a_task_that_runs_nothing_is_harmless(compiled: Any) -> None:
    operator(compiled).on_kill()
