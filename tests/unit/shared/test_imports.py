"""Importing a module touches nothing: no network, no file written, no heavy library by accident."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
STEP_ONLY = ("data", "training", "evaluation", "tracking", "steps",
             "serving/model_server.py", "serving/loaded.py", "serving/refusing.py")  # fmt: skip
LIGHT = {
    "include.spec.model",
    "include.spec.compiled",
    "include.steps.contract",
    "include.steps.call",
    "include.steps.code",
    "include.settings",
    "include.client.messages.decisions",
}
PROBE = """
import importlib, json, socket, sys
def refuse(*a, **k): raise OSError("network at import time")
socket.socket.connect = refuse
for name in {names!r}: importlib.import_module(name)
print(json.dumps(sorted(m for m in sys.modules if "." not in m)))
"""
HEAVY = {"pandas", "numpy", "sklearn", "mlflow", "tensorflow", "xgboost", "kubernetes", "hydra"}


def loaded_by(names: list[str]) -> set[str]:
    found = subprocess.run(
        [sys.executable, "-c", PROBE.format(names=names)],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    return set(json.loads(found.stdout.splitlines()[-1]))


def orchestrator_modules() -> list[str]:
    files = [p.relative_to(ROOT) for p in (ROOT / "include").rglob("*.py")]
    ours = [f for f in files if not str(f.relative_to("include")).startswith(STEP_ONLY)]
    return [".".join(f.with_suffix("").parts).removesuffix(".__init__") for f in ours]


def test_modules_of_the_orchestrator_import_without_network() -> None:
    names = [n for n in orchestrator_modules() if not n.endswith("__main__")]
    assert not loaded_by(names) & (HEAVY - {"hydra"})


def test_what_dag_files_read_is_light() -> None:
    assert not loaded_by(sorted(LIGHT)) & (HEAVY | {"httpx", "fastapi", "sqlalchemy"})
