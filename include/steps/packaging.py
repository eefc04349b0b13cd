"""Putting a package together: an MLflow model, its contract, probe, card and manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include import digest
from include.data.reference import REFERENCE, profile
from include.serving.features import FeatureContract, FeatureRule
from include.serving.loaded import load
from include.serving.package import seal
from include.serving.probe import CONTRACT, PROBE, Probe
from include.steps.card import ModelCard
from include.tracking import flavor
from include.training import stored
from include.training.matrix import matrix
from include.training.probe import cells, scrambled
from include.training.serialization import TRUSTED, dumps

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from pydantic import BaseModel

    from include.evaluation.report import EvaluationReport, GateReport
    from include.serving.package import PackageManifest
    from include.spec.model import Spec
    from include.training.prediction import Model
    from include.training.report import TrainingReport

CARD = "card.json"
# Of the libraries of a fit, those that its model cannot answer without (a network can: NumPy does).
NEEDED_TO_ANSWER = frozenset({"xgboost"})


@dataclass(frozen=True)
class Ingredients:
    """Everything a package is made of; equal ingredients give a package of equal digest."""

    spec: Spec
    spec_digest: str
    model: Model
    training_rows: pd.DataFrame
    training: TrainingReport
    evaluation: EvaluationReport
    gates: GateReport


def build(ingredients: Ingredients, folder: Path) -> PackageManifest:
    """Write a package into ``folder``, load it once as a server would, and return its manifest.

    Raises:
        BadInput: the model cannot be written without pickle.
        Rejected: the written model does not answer like the one in memory.
    """
    model = ingredients.model
    rows = scrambled(ingredients.training_rows, model.features)
    flavor.write(_flavor(ingredients, rows), folder)
    training = ingredients.training
    stored.write(
        model, ingredients.spec, training.model_digest, folder, algorithm=training.algorithm
    )
    _write(folder / CONTRACT, contract(ingredients.spec, model))
    _write(folder / PROBE, _probe(model, rows))
    _write(folder / CARD, _card(ingredients))
    _write(folder / REFERENCE, profile(ingredients.training_rows, ingredients.spec))
    manifest = seal(folder, model=ingredients.spec.model, model_digest=training.model_digest)
    load(folder, expected=manifest.digest)
    return manifest


def contract(spec: Spec, model: Model) -> FeatureContract:
    """Return the contract of a model's requests."""
    seen = model.vocabulary()
    return FeatureContract(
        model=spec.model,
        task=spec.task,
        features=tuple(
            FeatureRule(column=column, known=seen.get(column.name, ())) for column in model.features
        ),
        labels=model.classes.labels if model.classes else (),
        positive=model.classes.positive if model.classes else None,
    )


def _flavor(ingredients: Ingredients, rows: pd.DataFrame) -> flavor.Flavor:
    model = ingredients.model
    return flavor.Flavor(
        pipeline=model.pipeline,
        skops=dumps(model.pipeline),
        trusted=TRUSTED,
        task=ingredients.spec.task,
        features=model.features,
        labels_are_text=bool(model.classes and isinstance(model.classes.positive, str)),
        example=matrix(rows.head(1), model.features),
        more=tuple(sorted(NEEDED_TO_ANSWER & set(ingredients.training.libraries))),
    )


def _probe(model: Model, rows: pd.DataFrame) -> Probe:
    said = model.predict(rows)
    return Probe(
        rows=cells(rows, model.features),
        values=tuple(said.values.tolist()),
        scores=tuple(said.scores.tolist()),
    )


def _card(ingredients: Ingredients) -> ModelCard:
    spec, training = ingredients.spec, ingredients.training
    return ModelCard(
        model=spec.model,
        title=spec.title,
        purpose=spec.purpose,
        owner=spec.owner,
        materiality=spec.materiality,
        task=spec.task.value,
        algorithm=training.algorithm,
        features=training.features,
        protected=tuple(c.name for c in spec.data.columns if c.role.value == "protected"),
        training_rows=training.training_rows,
        notes=training.notes,
        model_digest=training.model_digest,
        dataset_digest=ingredients.evaluation.dataset_digest,
        spec_digest=ingredients.spec_digest,
        evaluation=ingredients.evaluation.measurement,
        gates=ingredients.gates,
    )


def _write(path: Path, record: BaseModel) -> None:
    path.write_bytes(digest.canonical(record.model_dump(mode="json")))
