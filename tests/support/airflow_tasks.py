"""Tasks without Airflow, and an interpreter of the steps that does as it is told."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

FAKE_PYTHON = '''#!{python}
"""Stands in for the interpreter of the steps: does what the file `plan` beside it says."""
import json, os, pathlib, subprocess, sys, time
here = pathlib.Path(__file__).parent
given = dict(a.lstrip("-").split("=", 1) for a in sys.argv if a.startswith("--"))
(here / "argv.json").write_text(json.dumps(sys.argv))
(here / "environ.json").write_text(json.dumps(dict(os.environ)))
(here / "pid").write_text(str(os.getpid()))
exec((here / "plan").read_text())
'''


@dataclass
class Task:
    """A running try, as far as our operators look at one."""

    dag_id: str = "mortgage_approval_train"
    run_id: str = "manual__2026-01-01T00:00:00+00:00"
    task_id: str = "t"
    try_number: int = 1
    map_index: int | None = -1
    max_tries: int = 3
    retries: int = 3
    states: dict[str, str] = field(default_factory=dict)
    xcoms: dict[tuple[str, str], Any] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)

    @property
    def task(self) -> SimpleNamespace:
        return SimpleNamespace(retries=self.retries)

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[self.task_id, key] = value

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        return self.xcoms.get((task_ids, key))

    def get_dagrun_state(self, dag_id: str, run_id: str) -> str:
        from airflow.sdk import DagRunState

        return DagRunState(self.runs.get(run_id, "running"))

    def get_task_states(self, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str]]:
        return {run_ids[0]: self.states}


def make_context(ti: Task, **changes: Any) -> dict[str, Any]:
    """Return a context; ``changes`` go to the DAG run, except params, exception and events."""
    aside = {
        key: changes.pop(key)
        for key in ("params", "exception", "triggering_asset_events")
        if key in changes
    }
    run = {
        "run_type": "manual",
        "data_interval_start": None,
        "run_after": datetime(2026, 1, 1, tzinfo=UTC),
        "clear_number": 0,
        **changes,
    }
    return {"ti": ti, "run_id": ti.run_id, "dag_run": SimpleNamespace(**run), "params": {}, **aside}


@pytest.fixture
def task() -> Task:
    """Return a running try."""
    return Task()


@pytest.fixture
def context(task: Task) -> Callable[..., dict[str, Any]]:
    """Return a maker of contexts of ``task``."""
    return lambda **changes: make_context(task, **changes)


@pytest.fixture
def compiled() -> Any:
    """Return the compiled spec of the mortgage model."""
    from include.spec.compiled import from_bytes

    path = Path(__file__).parents[2] / "dags/compiled/mortgage_approval.json"
    return from_bytes(path.read_bytes(), str(path))


@dataclass
class Steps:
    """The interpreter of the steps, replaced by a script that does as it is told."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / "python")

    def plan(self, code: str) -> None:
        (self.folder / "plan").write_text(code)

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Steps:
    """Return a stand-in for the step environment, with a store of its own."""
    folder = tmp_path / "interpreter"
    folder.mkdir()
    made = Steps(folder)
    Path(made.python).write_text(FAKE_PYTHON.format(python=sys.executable))
    Path(made.python).chmod(0o755)
    monkeypatch.setenv("AIRWORTHY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AIRWORTHY_STORE", f"file://{tmp_path}/store")
    monkeypatch.setenv("AIRWORTHY_STEPS_PYTHON", made.python)
    return made
