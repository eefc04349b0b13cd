"""Hourly bike rides, the last fifth in time held out: our selection beside FLAML, equal seconds.

Both see the same columns: calendar, weather, and what is known of rides a week ahead.

FLAML is none of our dependencies. Where ``FLAML_PYTHON`` names an interpreter that has it, it is
measured in the same run; else the record says that it was not. Its venv is thrown away afterwards:
``python -m venv /tmp/flaml && /tmp/flaml/bin/pip install "flaml[automl]"``.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support.contest import contest, held
from tests.support.shipped import bike_months

pytestmark = [pytest.mark.steps, pytest.mark.timeout(2400), pytest.mark.filterwarnings("ignore")]

ROOT = Path(__file__).parents[3]
FAMILIES = ("ridge", "forest", "svm", "xgboost", "network", "baseline")
MORE = ("season", "yr", "mnth")
SEED, TRIALS = 20260101, 10
FLAML = """
import json, sys, time
import numpy as np, pandas as pd
from flaml import AutoML
train, test, seconds = pd.read_pickle(sys.argv[1]), pd.read_pickle(sys.argv[2]), float(sys.argv[3])
automl, began = AutoML(), time.monotonic()
automl.fit(train.drop(columns="cnt"), train["cnt"], task="regression", metric="rmse",
           time_budget=seconds, seed=1, n_jobs=2, verbose=0, split_type="time")
said = automl.predict(test.drop(columns="cnt"))
print(json.dumps({"rmse": float(np.sqrt(np.mean((test["cnt"] - said) ** 2))),
                  "seconds": time.monotonic() - began, "best": automl.best_estimator}))
"""


def spec_of(seconds, folds):
    """Return the spec with the calendar features that two years of data allow."""
    from include.spec import compiled
    from include.spec.model import Spec

    whole = compiled.read(ROOT / "dags/compiled/bike_demand.json").spec.model_dump(mode="json")
    for column in whole["data"]["columns"]:
        if column["name"] in MORE:
            column["role"] = "feature"
    whole["training"] |= {"trials": TRIALS, "seconds": seconds, "folds": folds}
    return Spec.model_validate(whole)


def flaml(tmp_path, train, test, seconds):
    python = os.environ.get("FLAML_PYTHON", "")
    if not python:
        return {"measured": "no: FLAML_PYTHON names no interpreter that has it"}
    leave = ["casual", "registered", "instant", "dteday"]
    for name, frame in (("train", train), ("test", test)):
        plain = frame.drop(columns=leave).astype("float64")
        pd.DataFrame(plain.to_numpy(), columns=list(plain)).to_pickle(tmp_path / name, protocol=4)
    command = [python, "-c", FLAML, str(tmp_path / "train"), str(tmp_path / "test"), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_selection_beside_flaml(rounds, record, tmp_path, is_slice) -> None:
    seconds, folds = rounds(full=60, slice=2), rounds(full=5, slice=2)
    spec = spec_of(seconds, folds)
    found, rows = contest(spec, bike_months), held(spec, bike_months)
    truth = rows.test["cnt"].to_numpy(dtype="float64")
    errors = {
        name: float(np.sqrt(np.mean((truth - model.predict(rows.test).values) ** 2)))
        for name, model in found.models.items()
    }
    beside = {"measured": "no: a slice"}
    if not is_slice:
        beside = flaml(tmp_path, rows.train, rows.test, found.wall)
    print("\n".join(found.reasons))
    record(
        "bike-selection",
        seed=SEED,
        counts={
            "trials": TRIALS,
            "seconds": seconds,
            "train": len(rows.train),
            "test": len(rows.test),
        },
        figures={
            "rmse": errors[found.selected],
            "rmse of each": errors,
            **found.figures,
            "flaml": beside,
        },
    )
    assert errors[found.selected] < errors["baseline"]
    assert not is_slice or set(errors) == {*FAMILIES, "voting", "stacking"}
