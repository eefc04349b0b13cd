"""Hourly bike rides, the last fifth in time held out: our selection beside FLAML, equal seconds.

FLAML is none of our dependencies. Where ``FLAML_PYTHON`` names an interpreter that has it, it is
measured in the same run; else the record says that it was not. Its venv is thrown away afterwards:
``python -m venv /tmp/flaml && /tmp/flaml/bin/pip install "flaml[automl]"``.
"""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import subprocess
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest

pytestmark = [pytest.mark.steps, pytest.mark.timeout(2400), pytest.mark.filterwarnings("ignore")]

ROOT = Path(__file__).parents[3]
FAMILIES = ("ridge", "forest", "svm", "xgboost", "network", "baseline")
MORE = ("season", "yr", "mnth")
SEED, TRIALS = 20260101, 10
PROCESSES = 2
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


def spec_and_rows(seconds, folds):
    """Return the spec with calendar features and the rows before and after the cut."""
    import pandas as pd

    from include.data.split import split
    from include.spec import compiled
    from include.spec.model import Spec

    whole = compiled.read(ROOT / "dags/compiled/bike_demand.json").spec.model_dump(mode="json")
    for column in whole["data"]["columns"]:
        if column["name"] in MORE:
            column["role"] = "feature"
    whole["training"] |= {
        "trials": TRIALS,
        "seconds": seconds,
        "folds": folds,
        "candidates": FAMILIES[:-1],
    }
    spec = Spec.model_validate(whole)
    with gzip.open(ROOT / "include/data/sets/bike_hour.csv.gz") as file:
        rows = pd.read_csv(file, parse_dates=["dteday"])
    rows.index = pd.Index(rows["instant"].astype(str), name="_row_key")
    return spec, *split(rows, spec)


def ground(spec, train):
    from include.evaluation.estimates import chosen
    from include.training.fit import prepare
    from include.training.folds import folds
    from include.training.search import Field

    prepared = prepare(spec, train)
    return Field(prepared, folds(spec, prepared), chosen(spec)[0], is_dated=True)


def compete(family, seconds, folds):
    """Run one candidate in a process of its own, as a mapped task does."""
    from optuna.storages import InMemoryStorage

    from include.training import algorithms, candidate
    from include.training.search import Budget

    warnings.simplefilter("ignore")
    spec, train, _ = spec_and_rows(seconds, folds)
    began = time.monotonic()
    recipe = algorithms.recipe(spec, family)
    made = candidate.compete(
        recipe, ground(spec, train), Budget(TRIALS, seconds), InMemoryStorage()
    )
    return family, made, time.monotonic() - began


def select(ours, field, test, truth):
    """Return the winner's name and each contender's RMSE on the held-out fifth."""
    from include.training import policy
    from include.training.ensemble import blended, ensembles

    singles = [name for name in ours if name != "baseline"]
    models = {name: made.fitted.model for name, made in ours.items()}
    said = np.column_stack([ours[name].said for name in singles])
    contenders = [
        policy.Contender(
            name,
            policy.Kind.BASELINE if name == "baseline" else policy.Kind.SINGLE,
            made.scores,
            made.latency,
        )
        for name, made in ours.items()
    ]
    for one in ensembles(said, field):
        models[one.name] = blended(one, [models[name] for name in singles])
        contenders.append(policy.Contender(one.name, policy.Kind.ENSEMBLE, one.scores, 1.0))
    chosen = policy.select(contenders, policy.Score("rmse", is_higher_better=False))
    print("\n".join(chosen.reasons))
    errors = {
        name: float(np.sqrt(np.mean((truth - model.predict(test).values) ** 2)))
        for name, model in models.items()
    }
    return chosen.name, errors, {c.name: c.mean for c in contenders}


def flaml(tmp_path, train, test, seconds):
    python = os.environ.get("FLAML_PYTHON", "")
    if not python:
        return {"measured": "no: FLAML_PYTHON names no interpreter that has it"}
    leave = ["casual", "registered", "instant", "dteday"]
    for name, frame in (("train", train), ("test", test)):
        frame.drop(columns=leave).to_pickle(tmp_path / name)
    command = [python, "-c", FLAML, str(tmp_path / "train"), str(tmp_path / "test"), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_selection_beside_flaml(rounds, record, tmp_path, is_slice) -> None:
    seconds, folds = rounds(full=60, slice=2), rounds(full=5, slice=2)
    spec, train, test = spec_and_rows(seconds, folds)
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        results = list(pool.map(compete, FAMILIES, repeat(seconds), repeat(folds)))
    wall = time.monotonic() - began
    ours = {family: made for family, made, _ in results}
    truth = test["cnt"].to_numpy(dtype="float64")
    name, errors, means = select(ours, ground(spec, train), test, truth)
    beside = flaml(tmp_path, train, test, wall) if not is_slice else {"measured": "no: a slice"}
    busy = {family: taken for family, _, taken in results}
    record(
        "bike-selection",
        seed=SEED,
        counts={"trials": TRIALS, "seconds": seconds, "train": len(train), "test": len(test)},
        figures={
            "selected": name,
            "rmse": errors[name],
            "rmse of each": errors,
            "mean rmse over the folds": means,
            "seconds of each": busy,
            "finished trials": {family: len(made.found.trials) for family, made in ours.items()},
            "truncated": [family for family, made in ours.items() if made.found.truncated],
            "wall seconds": wall,
            "efficiency of the fan-out": sum(busy.values()) / (PROCESSES * wall),
            "flaml": beside,
        },
    )
    assert errors[name] < 0.6 * errors["baseline"]
    assert not is_slice or set(errors) == {*FAMILIES, "voting", "stacking"}
