"""What parsing the DAG files costs, and what a spec that cannot be used hides."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.loaded_dags import DAGS, airflow, load

HEAVY = {
    "pandas", "numpy", "sklearn", "scipy", "mlflow", "kubernetes", "kubernetes_asyncio", "hydra",
    "omegaconf", "great_expectations", "pyarrow", "slack_sdk", "tensorflow", "xgboost",
}  # fmt: skip
GENEROUS_PARSE_SECONDS = 1.0
MODULES = (
    "train.py", "train_parts.py", "release.py", "release_stages.py", "specs.py", ".airflowignore",
)  # fmt: skip
PARSE = """
import json, sys, time
from airflow.sdk import (DAG, Asset, BaseBranchOperator, BaseHook, BaseNotifier, BaseOperator,
    BaseOperatorLink, BaseSensorOperator, CronDataIntervalTimetable, ExceptionRetryPolicy, Param,
    TaskGroup, TriggerRule, chain)
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
cpu, wall = time.process_time(), time.perf_counter()
__import__(sys.argv[2])
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
seen = {"cpu": cpu, "wall": wall, "modules": sorted(set(sys.modules) - before)}
json.dump(seen, open(sys.argv[3], "w"))
"""


def test_one_unusable_spec_hides_its_own_dags_only_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    for name in MODULES:
        (folder / "compiled").mkdir(parents=True, exist_ok=True)
        (folder / name).write_text((DAGS / name).read_text())
    for source in (DAGS / "models").rglob("*.yaml"):
        copy = folder / source.relative_to(DAGS)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    for source in (DAGS / "compiled").glob("*.json"):
        (folder / "compiled" / source.name).write_bytes(source.read_bytes())
    (folder / "compiled" / "bike_demand.json").write_text("{}")
    yaml = folder / "models" / "mortgage_approval.yaml"
    found = load(tmp_path, folder)
    assert set(found["dags"]) == {"mortgage_approval_train", "mortgage_approval_release"}
    assert [Path(file).name for file in found["errors"]] == ["specs.py"]
    assert "bike_demand.json" in str(found["errors"])
    yaml.write_text(yaml.read_text() + "\n# changed\n")
    found = load(tmp_path, folder)
    assert found["dags"] == {}
    assert "mortgage_approval.yaml has changed" in str(found["errors"])


@pytest.mark.parametrize(
    "module", ["train", "release", "compliance_report", "housekeeping", "specs"]
)
def test_parsing_is_quick_and_loads_nothing_heavy(tmp_path: Path, module: str) -> None:
    out = tmp_path / "parse.json"
    airflow(tmp_path, PARSE, str(DAGS), module, str(out))
    seen = json.loads(out.read_text())
    cost = timedelta(seconds=seen["cpu"])
    print(f"{module}.py: {cost.total_seconds() * 1000:.0f} ms CPU, {seen['wall'] * 1000:.0f} ms")
    assert not {name.split(".")[0] for name in seen["modules"]} & HEAVY
    assert seen["cpu"] < GENEROUS_PARSE_SECONDS


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.name)
def test_a_dag_file_is_a_recipe(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 100
