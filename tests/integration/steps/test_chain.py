"""The steps from a file to an MLflow run, over a real store, on the toy model."""

from __future__ import annotations

import importlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from include.serving.package import verify
from include.steps import run
from include.steps.call import prepare, read_result
from include.steps.registration import RegistrationDraft, TrackingRecord
from include.store.open import open_store
from include.tracking.flavor import load
from include.tracking.migrate import migrate
from tests.support.compiled_specs import as_compiled

if TYPE_CHECKING:
    from include.spec.model import CompiledSpec

pytestmark = [pytest.mark.steps, pytest.mark.filterwarnings("ignore")]

INPUTS = {
    "acquire": (),
    "validate": ("acquire",),
    "train": ("data",),
    "evaluate": ("data", "train"),
    "gate": ("evaluate",),
    "package": ("data", "train", "evaluate", "gate"),
    "track": ("acquire", "train", "evaluate", "gate", "package"),
}
OPTIONS = {"acquire": {"partition": "first", "attempt": "1"}}


@dataclass
class Chain:
    """Runs steps one after the other, as a DAG would."""

    spec: CompiledSpec
    done: dict[str, str]

    def step(self, name, *more, **options):
        """Run one step and return its exit code; its result is at ``done[name]``."""
        store = open_store()
        inputs = {known: self.done[known] for known in INPUTS[name]}
        call = prepare(name, self.spec, inputs, OPTIONS.get(name, {}) | options, store)
        work = importlib.import_module(f"include.steps.{name}").work
        code = run.execute(name, work, [*call.argv("python")[3:], *more], store=store)
        self.done[name] = call.output
        if name == "acquire":
            self.done["data"] = call.output
        return code

    def run(self, *names):
        """Run steps that must all succeed."""
        assert [self.step(name) for name in names] == [0] * len(names)
        return self

    def result(self, name):
        """Return the result of a step."""
        return read_result(open_store(), self.done[name])

    def document(self, name, artifact):
        """Return a JSON artifact of a step."""
        return json.loads(open_store().read(self.result(name).artifact(artifact).uri))


@pytest.fixture
def chain(toy, tmp_path, monkeypatch):
    home = tmp_path / "home"
    for name in [name for name in os.environ if name.startswith("AIRWORTHY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AIRWORTHY_HOME", str(home))
    arrivals = home / "arrivals"
    arrivals.mkdir(parents=True)

    def begin(spec, rows):
        rows.assign(owner=rows["owner"].astype(int)).to_csv(arrivals / "first.csv", index=False)
        whole = as_compiled(spec)
        return Chain(whole, {})

    return begin


def test_from_a_file_to_an_mlflow_run(chain, toy, tmp_path):
    migrate(f"sqlite:///{tmp_path}/home/mlflow.db")
    whole = chain(toy.spec(), toy.rows()).run(*(name for name in INPUTS if name != "validate"))
    assert [whole.result(name).outcome for name in ("train", "evaluate", "gate", "package")] == [
        "trained",
        "evaluated",
        "pass",
        "packaged",
    ]
    measure = whole.result("evaluate").metrics[0]
    assert measure.lower < measure.value < measure.upper
    draft = RegistrationDraft.model_validate(whole.document("package", "registration"))
    assert draft.package_uri.endswith(f"/packages/{draft.package_digest}")
    assert [outcome.verdict for outcome in draft.gates] == ["pass"]
    folder = Path(draft.package_uri.removeprefix("file://"))
    assert verify(folder, expected=draft.package_digest).model_digest == draft.model_digest
    assert TrackingRecord.model_validate(whole.document("track", "tracking")).run_id
    published = {one.name for one in (tmp_path / "home/mlartifacts").rglob("*.svg")}
    assert published == {"plot_calibration.svg", "plot_explanations.svg", "plot_fairness.svg"}
    card = json.loads((folder / "card.json").read_text())
    assert card["dataset_digest"] == draft.dataset_digest
    assert card["protected"] == ["group"]
    again = [whole.step(name, "--recompute") for name in ("train", "evaluate", "package", "track")]
    assert again == [0, 0, 0, 0]


def test_the_model_goes_by_income_and_the_values_add_up(chain, toy):
    whole = chain(toy.spec(), toy.rows()).run("acquire", "train", "evaluate")
    found = whole.document("evaluate", "report")["explanations"]
    assert (found["verdict"], found["output"]) == ("pass", "P(verdict = 1)")
    assert found["residual"] <= 1e-12
    sizes = {one["column"]: one["size"] for one in found["features"]}
    assert list(sizes) == sorted(sizes, key=sizes.get, reverse=True)
    assert set(sizes) == {"income", "years", "owner", "town", "grade"}
    assert sizes["income"] > 3 * sorted(sizes.values())[-2]


def test_partition_is_held_against_what_the_live_version_was_trained_on(chain, toy, tmp_path):
    first = chain(toy.spec(), toy.rows()).run("acquire", "train", "evaluate", "gate", "package")
    live = f"3 {first.result('package').artifact('package').uri}/"
    assert first.step("validate", champion=live) == 0
    same = first.document("validate", "report")
    assert (same["drift"]["verdict"], same["score"]["stability"]) == ("pass", 1.0)
    moved = toy.rows(240, seed=8)
    later = chain(toy.spec(), moved.assign(income=moved["income"] + 1))
    assert later.step("acquire", attempt="2") == 0
    assert later.step("validate", champion=live) == 0
    report = later.document("validate", "report")
    assert (report["outcome"], report["drift"]["champion"]) == ("accept", "3")
    assert [one["column"] for one in report["drift"]["columns"] if one["verdict"] == "fail"] == [
        "income"
    ]
    assert later.step("validate", "--recompute", champion=live) == 0
    reference = Path(live.split()[1].removeprefix("file://")) / "reference.json"
    reference.write_text(reference.read_text().replace('"rows":', '"rows" :'))
    assert later.step("validate", "--recompute", champion=live) != 0


def test_mlflow_loads_the_package_and_enforces_its_schema(chain, toy, monkeypatch):
    whole = chain(toy.spec(), toy.rows()).run("acquire", "train", "evaluate", "gate", "package")
    folder = whole.result("package").artifact("package").uri.removeprefix("file://")
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "true")
    loaded = load(Path(folder))
    rows = toy.rows(5)[["income", "years", "owner", "town", "grade"]].astype({
        "years": float,
        "owner": float,
        "town": object,
        "grade": object,
    })
    rows["town"] = rows["town"].where(rows["town"].notna(), np.nan)
    assert set(loaded.predict(rows)) <= {0, 1}
    with pytest.raises(Exception, match="income"):
        loaded.predict(rows.drop(columns="income"))
    with pytest.raises(Exception, match="income"):
        loaded.predict(rows.assign(income="many"))


def test_second_look_at_the_same_window_is_counted(chain, toy):
    first = chain(toy.spec(), toy.rows()).run("acquire", "train", "evaluate")
    tuned = toy.spec(training={"candidates": ["logistic"], "parameters": {"logistic": {"C": 0.1}}})
    second = chain(tuned, toy.rows()).run("acquire", "train", "evaluate")
    reports = [whole.document("evaluate", "report") for whole in (first, second)]
    assert reports[0]["window"] == reports[1]["window"]
    assert [report["used_before"] for report in reports] == [0, 1]


def test_how_often_the_window_was_used_is_no_part_of_the_package(chain, toy, tmp_path, monkeypatch):
    names = ("acquire", "train", "evaluate", "gate", "package")
    tuned = toy.spec(training={"candidates": ["logistic"], "parameters": {"logistic": {"C": 0.1}}})
    chain(tuned, toy.rows()).run(*names[:3])
    later = chain(toy.spec(), toy.rows()).run(*names)
    monkeypatch.setenv("AIRWORTHY_STORE", f"file://{tmp_path}/another-store")
    sooner = chain(toy.spec(), toy.rows()).run(*names)
    both = (later, sooner)
    assert [whole.document("evaluate", "report")["used_before"] for whole in both] == [1, 0]
    digests = {whole.document("package", "registration")["package_digest"] for whole in both}
    assert len(digests) == 1


@pytest.mark.parametrize(("limit", "outcome"), [(0.99, "fail"), (0.8, "inconclusive")])
def test_what_did_not_pass_is_packaged_by_a_decision_only(chain, toy, limit, outcome):
    gates = [{"name": "ranks", "metric": "auc", "at_least": limit}]
    whole = chain(toy.spec(gates=gates), toy.rows()).run("acquire", "train", "evaluate", "gate")
    assert whole.result("gate").outcome == outcome
    assert whole.result("gate").verdict == outcome
    assert whole.step("package") == 10
    assert whole.step("package", override="01JDXYZ0000000000000000000") == 0
    draft = RegistrationDraft.model_validate(whole.document("package", "registration"))
    assert [gate.verdict for gate in draft.gates] == [outcome]


def test_unmeasured_gate_is_not_packaged(chain, toy):
    gates = [{"name": "ranks", "metric": "log_loss", "at_most": 5.0}]
    whole = chain(toy.spec(gates=gates), toy.rows()).run("acquire", "train", "evaluate", "gate")
    assert whole.result("gate").outcome == "no_data"
    assert whole.step("package") == 10


def test_one_class_is_bad_input(chain, toy, capsys):
    whole = chain(toy.spec(), toy.rows().assign(verdict=1)).run("acquire")
    assert whole.step("train") == 20
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["what"] == (
        "only one class in the rows"
    )


def test_regression(chain, toy):
    names = ("acquire", "train", "evaluate", "gate", "package")
    whole = chain(toy.regression(), toy.rows()).run(*names)
    assert whole.document("evaluate", "report")["fairness"] is None
    signature = json.loads(whole.document("package", "registration")["signature"])
    assert signature["outputs"] == [{"labels": [], "name": "predictions", "type": "number"}]
