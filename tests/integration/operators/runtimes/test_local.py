from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from include.client.messages.base import RunRef
from include.errors import InfrastructureError
from include.steps.contract import StepCall
from operators.runtimes.local import NICENESS, LocalRuntime

RUN = RunRef(dag_id="m_train", run_id="r1", task_id="train")
CALL = StepCall("train", "file:///store", "file:///store/specs/x.json", "x", "c")


def wait_for(path: Path, seconds: float = 10) -> str:
    until = time.monotonic() + seconds
    while not path.exists() or not path.read_text():
        assert time.monotonic() < until, f"{path} did not appear"
        time.sleep(0.02)
    return path.read_text()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def is_gone(pid: int, seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_alive(pid)


def run(steps: Any, plan: str, environ: dict[str, str] | None = None) -> tuple[Any, list[str]]:
    steps.plan(plan)
    heard: list[str] = []
    ending = LocalRuntime(steps.python, environ or dict(os.environ)).run(CALL, RUN, heard.append)
    return ending, heard


def test_lines_arrive_whole_and_in_order(steps: Any) -> None:
    ending, heard = run(steps, "for i in range(2000): print('line', i)\nprint('end', end='')")
    assert ending.code == 0
    assert heard == [*(f"line {i}" for i in range(2000)), "end"]


def test_it_steps_back_behind_what_answers_callers(steps: Any) -> None:
    ending, heard = run(steps, "import os; print(os.nice(0))")
    assert ending.code == 0
    assert heard == [str(min(19, os.nice(0) + NICENESS))]


def test_it_is_told_what_the_contract_says(steps: Any) -> None:
    run(steps, "pass")
    assert steps.read("argv.json")[1:] == CALL.argv("python")[1:]


def test_no_secret_reaches_the_step(steps: Any) -> None:
    secrets = {
        "AIRFLOW__CORE__FERNET_KEY": "f", "AIRFLOW_CONN_X": "c", "AIRWORTHY_WORKLOAD_SECRET": "w",
        "AIRWORTHY_SERVING_TOKEN": "s", "AIRWORTHY_DATABASE_URL": "d", "AWS_SECRET": "a",
    }  # fmt: skip
    allowed = {
        "PATH": os.environ["PATH"], "AIRWORTHY_STORE": "s3://store", "AWS_ACCESS_KEY_ID": "k",
    }  # fmt: skip
    run(steps, "pass", {**secrets, **allowed})
    seen = steps.read("environ.json")
    assert not set(secrets) & set(seen)
    assert allowed.items() <= seen.items()
    assert (seen["AIRWORTHY_RUN"], seen["AIRWORTHY_TASK"]) == ("r1", "train")


def test_it_works_in_a_folder_that_goes_away(steps: Any) -> None:
    _, heard = run(steps, "print(os.getcwd()); pathlib.Path('left').write_text('x')")
    assert not Path(heard[0]).exists()


def test_the_last_word_of_a_failing_step_is_kept(steps: Any) -> None:
    ending, _ = run(
        steps,
        "print(json.dumps({'event': 'step_failed', 'error': 'BadInput', 'what': 'no rows'}))\n"
        "print('at_exit noise'); sys.exit(20)",
    )
    assert ending.code == 20
    assert ending.failure.what == "no rows"


@pytest.mark.parametrize("number", [9, 11, 15])
def test_a_signal_is_told_apart_from_an_exit(steps: Any, number: int) -> None:
    ending, _ = run(steps, f"print('so far', flush=True); os.kill(os.getpid(), {number})")
    assert (ending.code, ending.signal) == (None, number)
    assert "so far" in ending.tail


def test_bytes_that_are_no_text_do_not_stop_it(steps: Any) -> None:
    ending, heard = run(steps, "sys.stdout.buffer.write(b'\\xff\\xfe ok\\n')")
    assert ending.code == 0
    assert heard[0].endswith("ok")


def test_a_grandchild_that_holds_the_pipe_does_not_hold_the_task(steps: Any) -> None:
    began = time.monotonic()
    ending, heard = run(
        steps,
        "child = subprocess.Popen(['sleep', '60']); print(child.pid, flush=True); os._exit(0)",
    )
    assert ending.code == 0
    assert time.monotonic() - began < 20
    assert is_gone(int(heard[0]))


def test_kill_ends_the_step_and_what_it_started(steps: Any) -> None:
    steps.plan(
        "child = subprocess.Popen(['sleep', '60'])\n"
        "(here / 'child').write_text(str(child.pid)); time.sleep(60)"
    )
    runtime = LocalRuntime(steps.python, dict(os.environ))
    endings: list[Any] = []
    thread = threading.Thread(target=lambda: endings.append(runtime.run(CALL, RUN, print)))
    thread.start()
    pids = [int(wait_for(steps.folder / name)) for name in ("pid", "child")]
    runtime.kill()
    thread.join(15)
    assert not thread.is_alive()
    assert all(map(is_gone, pids))
    assert endings[0].signal == 15


def test_a_step_that_ignores_a_polite_end_is_ended_anyway(
    steps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operators.runtimes.local.GRACE_SECONDS", 0.3)
    steps.plan(
        "import signal; signal.signal(15, signal.SIG_IGN)\n"
        "(here / 'deaf').write_text('x'); time.sleep(60)"
    )
    runtime = LocalRuntime(steps.python, dict(os.environ))
    thread = threading.Thread(target=lambda: runtime.run(CALL, RUN, print))
    thread.start()
    wait_for(steps.folder / "deaf")
    runtime.kill()
    thread.join(15)
    assert is_gone(int(wait_for(steps.folder / "pid")))


def test_nothing_to_kill_is_no_error() -> None:
    LocalRuntime("python", {}).kill()


def test_a_missing_interpreter_says_what_to_set() -> None:
    with pytest.raises(InfrastructureError, match="AIRWORTHY_STEPS_PYTHON"):
        LocalRuntime("/nowhere/python", {}).run(CALL, RUN, print)
