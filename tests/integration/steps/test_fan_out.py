"""The training with a search: plan, families, ensembles, selection, a package that serves."""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from include.serving.features import NamedColumn, check
from include.serving.loaded import load
from include.steps import run
from include.steps.call import prepare, read_result
from include.steps.contract import ExitCode
from include.store.open import open_store
from include.training import stored
from include.training.probe import cells
from include.training.study import NAME
from tests.support.compiled_specs import as_compiled

pytestmark = [
    pytest.mark.steps,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(300),
]

ALL = ["logistic", "forest", "svm", "xgboost", "network"]
SMALL = {
    "forest": {"trees": 10},
    "xgboost": {"rounds": 30},
    "network": {"epochs": 3, "width": 8, "depth": 1},
}
QUICK = {"trials": 2, "seconds": 600, "folds": 2}


class Run:
    """Runs the steps of a training one after the other, as a DAG would."""

    def __init__(self, spec):
        self.spec = as_compiled(spec)
        self.done = {}

    def call(self, name, inputs, options):
        uris = {known: self.done[task] for known, task in inputs.items()}
        return prepare(name, self.spec, uris, options, open_store())

    def step(self, name, inputs=None, task="", again=(), **options):
        """Run one step; return its exit code. Its result is known as ``task``."""
        call = self.call(name, inputs or {}, options)
        work = importlib.import_module(f"include.steps.{name}").work
        code = run.execute(name, work, [*call.argv("python")[3:], *again])
        if code == 0:
            self.done[task or name] = call.output
        return code

    def begin(self):
        assert self.step("acquire", partition="first", attempt="1") == 0
        return self.step("plan", {"data": "acquire"})

    def fit(self, name, **more):
        inputs = {"data": "acquire", "plan": "plan"}
        return self.step("fit_candidate", inputs, task=name, algorithm=name, **more)

    def candidates(self):
        return {name: name for name in (*ALL, "ridge", "baseline") if name in self.done}

    def choose(self):
        base = {"data": "acquire", "plan": "plan"} | self.candidates()
        codes = [self.step("ensemble", base), self.step("select", base | {"ensemble": "ensemble"})]
        self.done["train"] = self.done.get("select")
        return codes

    def result(self, task):
        return read_result(open_store(), self.done[task])

    def document(self, task, artifact):
        return json.loads(open_store().read(self.result(task).artifact(artifact).uri))

    def package(self, source, report="report", model="model"):
        """Put the candidate's model through the rest of the chain; return the package's folder."""
        self.done["train"] = self.done[source]
        data = {"data": "acquire", "train": "train"}
        assert self.step("evaluate", data) == 0
        assert self.step("gate", {"evaluate": "evaluate"}) == 0
        assert self.step("package", data | {"evaluate": "evaluate", "gate": "gate"}) == 0
        return Path(self.result("package").artifact("package").uri.removeprefix("file://"))


@pytest.fixture
def training(tmp_path, monkeypatch):
    home = tmp_path / "home"
    for name in [name for name in os.environ if name.startswith("AIRWORTHY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AIRWORTHY_HOME", str(home))
    arrivals = home / "arrivals"
    arrivals.mkdir(parents=True)

    def begin(spec, rows):
        rows.assign(owner=rows["owner"].astype(int)).to_csv(arrivals / "first.csv", index=False)
        return Run(spec)

    return begin


def lenient(toy, names, **more):
    gates = [{"name": "any", "metric": "auc", "at_least": 0.0}]
    return toy.spec(
        gates=gates, training={"candidates": names, "parameters": SMALL, **QUICK, **more}
    )


def answers_alike(folder, toy):
    """Serve a package in-process and compare with the stored model, row by row."""
    served = load(folder)
    rows, model = toy.rows(30, seed=3), stored.read(folder)[0]
    columns = zip(
        served.contract.names, zip(*cells(rows, model.features), strict=True), strict=True
    )
    batch = check(served.contract, tuple(NamedColumn(name, given) for name, given in columns))
    return np.array_equal(served.answer(batch).scores, model.predict(rows).scores)


def test_five_families_to_a_package_that_serves(training, toy):
    whole = training(lenient(toy, ALL), toy.rows())
    assert whole.begin() == 0
    assert {name: whole.fit(name) for name in (*ALL, "baseline")} == dict.fromkeys(
        (*ALL, "baseline"), 0
    )
    assert whole.choose() == [0, 0]
    selection = whole.document("select", "selection")
    assert {one["name"] for one in selection["contenders"]} == {
        *ALL, "baseline", "voting", "stacking",
    }  # fmt: skip
    assert selection["selected"] != "baseline"
    assert {one["trials"] for one in selection["contenders"] if one["kind"] == "single"} == {2}
    text = open_store().read(whole.result("select").artifact("reasons").uri).decode()
    assert f"# toy: {selection['selected']} was selected" in text
    for source in (*ALL, "baseline", "select"):
        assert answers_alike(whole.package(source), toy), source


@pytest.mark.parametrize("kind", ["voting", "stacking"])
def test_ensembles_can_be_served(training, toy, kind, tmp_path):
    whole = training(lenient(toy, ["logistic", "xgboost"]), toy.rows())
    assert [whole.begin(), *map(whole.fit, ("logistic", "xgboost", "baseline"))] == [0] * 4
    assert whole.choose()[0] == 0
    result = whole.result("ensemble")
    renamed = {f"{kind}_model": "model", f"{kind}_report": "report"}
    artifacts = tuple(
        a.model_copy(update={"name": renamed[a.name]})
        for a in result.artifacts
        if a.name in renamed
    )
    uri = f"file://{tmp_path}/as-train.json"
    alike = result.model_copy(update={"artifacts": artifacts})
    open_store().write(uri, alike.model_dump_json().encode())
    whole.done["train_like"] = uri
    assert answers_alike(whole.package("train_like"), toy)


def test_regression_in_all_families(training, toy):
    names = ["ridge", *ALL[1:]]
    gates = [{"name": "any", "metric": "rmse", "at_most": 99}]
    more = {"candidates": names, "parameters": SMALL, **QUICK}
    whole = training(toy.regression(gates=gates, training=more), toy.rows())
    assert whole.begin() == 0
    assert [whole.fit(name) for name in (*names, "baseline")] == [0] * 6
    assert whole.choose() == [0, 0]
    for source in (*names, "select"):
        assert answers_alike(whole.package(source), toy), source


def test_one_failing_candidate_does_not_lose_the_others(training, toy):
    whole = training(lenient(toy, ["logistic", "xgboost"]), toy.rows())
    assert [whole.begin(), whole.fit("logistic")] == [0, 0]
    assert whole.choose() == [0, 0]
    assert whole.result("ensemble").outcome == "alone"
    selection = whole.document("select", "selection")
    assert selection["selected"] == "logistic"
    assert selection["missing"] == ["xgboost", "baseline"]


def test_no_candidate_is_refused(training, toy):
    whole = training(lenient(toy, ["logistic"]), toy.rows())
    assert [whole.begin(), whole.fit("baseline")] == [0, 0]
    base = {"data": "acquire", "plan": "plan", "baseline": "baseline"}
    assert [whole.step("ensemble", base), whole.step("select", base)] == [10, 10]


def test_computed_again_a_candidate_is_the_same(training, toy):
    whole = training(lenient(toy, ["xgboost"]), toy.rows())
    assert [whole.begin(), whole.fit("xgboost")] == [0, 0]
    assert whole.fit("xgboost", again=["--recompute"]) == 0


def test_one_study_for_all_families(training, toy, tmp_path):
    whole = training(lenient(toy, ["logistic", "svm"]), toy.rows())
    assert [whole.begin(), whole.fit("logistic"), whole.fit("svm")] == [0, 0, 0]
    journals = list((tmp_path / "home").rglob("study.journal"))
    assert len(journals) == 1
    study = optuna.load_study(
        study_name=NAME, storage=JournalStorage(JournalFileBackend(str(journals[0])))
    )
    assert [t.user_attrs["algorithm"] for t in study.trials] == ["logistic"] * 2 + ["svm"] * 2


def test_killed_candidate_goes_on_with_its_study(training, toy, tmp_path):
    names, slow = ["forest"], {"forest": {"trees": 60}}
    spec = lenient(toy, names, trials=6, parameters=slow)
    whole = training(spec, toy.rows())
    assert whole.begin() == 0
    inputs = {"data": "acquire", "plan": "plan"}
    call = whole.call("fit_candidate", inputs, {"algorithm": "forest"})
    killed = subprocess.Popen(call.argv(sys.executable), stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and trials(tmp_path) < 2:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    before = trials(tmp_path)
    assert 2 <= before < 6
    assert whole.fit("forest") == 0
    report = whole.document("forest", "candidate")
    assert [trial["number"] for trial in report["trials"]] == list(range(6))
    assert len({json.dumps(trial["parameters"]) for trial in report["trials"]}) == 6
    assert trials(tmp_path) == 6
    assert whole.fit("forest", again=["--recompute"]) == 0


@pytest.mark.parametrize("most", [2500, 6000], ids=["in the search", "when it is stored"])
def test_full_disk_is_infrastructure_and_a_retry_goes_on(training, toy, most):
    whole = training(lenient(toy, ["logistic"], trials=6), toy.rows())
    assert whole.begin() == 0
    inputs = {"data": "acquire", "plan": "plan"}
    call = whole.call("fit_candidate", inputs, {"algorithm": "logistic"})
    command = call.argv(sys.executable)
    small = partial(small_disk, most)
    full = subprocess.run(command, capture_output=True, check=False, preexec_fn=small)
    assert full.returncode == ExitCode.INFRASTRUCTURE
    said = json.loads(full.stdout.splitlines()[-1])
    assert (said["error"], said["what"]) == ("StoreFull", "the disk is full: File too large")
    assert not open_store().exists(call.output)
    assert whole.fit("logistic") == 0
    report = whole.document("logistic", "candidate")
    assert [trial["number"] for trial in report["trials"]] == list(range(6))


def small_disk(most):
    """Let no file of the process grow beyond so many bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def trials(folder):
    journal = next(iter(folder.rglob("study.journal")), None)
    if journal is None:
        return 0
    found = JournalStorage(JournalFileBackend(str(journal)))
    studies = found.get_all_studies()
    return found.get_n_trials(studies[0]._study_id) if studies else 0


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        (lambda rows: rows.assign(verdict=1), "only one class in the rows"),
        (
            lambda rows: rows.assign(verdict=[1] + [0] * (len(rows) - 1)),
            "a class has one row only: nothing can be held out of it",
        ),
        (lambda rows: rows.assign(town=None), "a feature has no value in any training row"),
    ],
)
def test_bad_rows_end_the_plan_with_a_reason(training, toy, rows, what, capsys):
    whole = training(lenient(toy, ["logistic"]), rows(toy.rows()))
    assert whole.begin() == 20
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["what"] == what
