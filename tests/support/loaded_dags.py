"""A DAG folder as Airflow loads it, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DAGS = ROOT / "dags"
LOAD = """
import json, sys
from pathlib import Path
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.serialization.serialized_objects import DagSerialization
bag = BundleDagBag(sys.argv[1], bundle_path=Path(sys.argv[1]))
dags = {dag_id: DagSerialization.to_dict(dag) for dag_id, dag in bag.dags.items()}
json.dump({"errors": bag.import_errors, "dags": dags}, open(sys.argv[2], "w"), sort_keys=True)
"""


def airflow(home: Path, code: str, *arguments: str, seed: str = "0") -> None:
    """Run code in a process of its own, with an Airflow that knows nothing but the DAG folder."""
    environ = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "AIRWORTHY"))},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "PYTHONHASHSEED": seed,
    }
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environ, cwd=home, capture_output=True, text=True, timeout=110,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def load(home: Path, folder: Path, seed: str = "0") -> dict[str, Any]:
    out = home / f"bag-{seed}.json"
    airflow(home, LOAD, str(folder), str(out), seed=seed)
    bag: dict[str, Any] = json.loads(out.read_text())
    return bag
