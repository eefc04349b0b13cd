"""What is committed is fresh, and the two models are what they claim to be."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from include.spec import compiled as files
from include.spec.compile import compile_spec, written
from include.spec.gates import GateKind
from include.spec.model import Availability, CompiledSpec, Role
from include.spec.reference import reference
from include.spec.schema import schema

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "dags/models"
COMPILED = ROOT / "dags/compiled"
NAMES = written(MODELS)
LEAKS = {"action", "reject", "typur", "gdlin", "unver", "review", "inss", "inson"}


def read(model: str) -> CompiledSpec:
    return files.read(COMPILED / f"{model}.json")


def test_the_two_models_are_there() -> None:
    assert {"bike_demand", "mortgage_approval"} <= set(NAMES)
    assert files.models(COMPILED) == NAMES


@pytest.mark.parametrize("model", NAMES)
def test_compiled_specs_are_fresh(model: str) -> None:
    fresh = files.to_bytes(compile_spec(MODELS, model, "embedded"))
    assert (COMPILED / f"{model}.json").read_bytes() == fresh, "run `airworthy spec compile`"


@pytest.mark.parametrize("path", sorted((MODELS / "environments").glob("*/*.yaml")), ids=str)
def test_every_override_compiles(path: Path) -> None:
    compiled = compile_spec(MODELS, path.stem, path.parent.name)
    assert path.relative_to(MODELS).as_posix() in compiled.sources


def test_generated_pages_are_fresh() -> None:
    folder = ROOT / "docs/reference"
    assert (folder / "spec.md").read_bytes() == reference(), "run `airworthy spec docs`"
    assert (folder / "spec.schema.json").read_bytes() == schema(), "run `airworthy spec docs`"


@pytest.mark.parametrize("model", NAMES)
def test_editors_find_the_schema_and_agree(model: str) -> None:
    path = MODELS / f"{model}.yaml"
    first = path.read_text(encoding="utf-8").splitlines()[0]
    target = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / target).resolve() == ROOT / "docs/reference/spec.schema.json"
    document = YAML(typ="safe", pure=True).load(path)
    plain = json.loads(json.dumps(document, default=str))
    jsonschema.Draft202012Validator(json.loads(schema())).validate(plain)


@pytest.mark.parametrize("model", NAMES)
def test_every_column_is_described_and_sourced(model: str) -> None:
    for column in read(model).spec.data.columns:
        assert column.description, column.name
        assert column.source, column.name
        if column.role is Role.EXCLUDED:
            assert "Excluded: " in column.description, column.name


@pytest.mark.parametrize("model", NAMES)
def test_every_value_has_an_origin(model: str) -> None:
    compiled = read(model)
    for origin in compiled.origins:
        lines = (MODELS / origin.file).read_text(encoding="utf-8").splitlines()
        assert lines[origin.line - 1][origin.column - 1 :].strip()


def test_mortgages_know_their_leaks_and_protected_groups() -> None:
    data = read("mortgage_approval").spec.data
    assert len(data.columns) == 59
    late = {c.name for c in data.columns if c.available_at is not Availability.APPLICATION}
    assert late == LEAKS | {"approve"}
    assert {c.name for c in data.features}.isdisjoint(LEAKS)
    assert len(data.features) == 13
    protected = {c.name for c in data.named(Role.PROTECTED)}
    assert protected == {
        "married", "dep", "min30", "old", "black", "hispan", "male", "white",
    }  # fmt: skip


def test_bikes_are_dated_and_know_their_leaks() -> None:
    spec = read("bike_demand").spec
    assert spec.split.kind == "time"
    assert spec.schedule is not None
    roles = {c.name: c.role for c in spec.data.columns}
    assert roles["casual"] is roles["registered"] is Role.EXCLUDED
    assert roles["dteday"] is Role.TIME
    assert "knows_no_answer" in {gate.name for gate in spec.gates}
    known = {c.name for c in spec.data.features}
    assert {"cnt_week_ago", "cnt_two_weeks_ago", "cnt_mean_week_ago", "hr", "weekday"} <= known


@pytest.mark.parametrize("model", NAMES)
def test_every_full_training_has_five_families_and_ten_trials(model: str) -> None:
    training = read(model).spec.training
    linear, *others = training.candidates
    assert linear in {"logistic", "ridge"}
    assert others == ["forest", "svm", "xgboost", "network"]
    assert training.trials >= 10


def test_mortgages_are_judged_by_every_kind_of_gate() -> None:
    spec = read("mortgage_approval").spec
    assert {gate.kind for gate in spec.gates} == set(GateKind)
    fair = [gate for gate in spec.gates if gate.kind is GateKind.FAIRNESS]
    assert {gate.attribute for gate in fair} == {"white", "male", "old"}
    assert {(gate.measure, gate.at_least) for gate in fair} == {("selection_rate", 0.8)}
    assert spec.evaluation.fairness.intersections == (("white", "male"),)
