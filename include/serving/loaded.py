"""A verified package in memory, ready to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from include.errors import BadInput, Rejected
from include.serving.features import Batch, FeatureContract, NamedColumn, check
from include.serving.package import PackageManifest, verify
from include.serving.probe import CONTRACT, PROBE, Probe
from include.training import stored
from include.training.matrix import table

if TYPE_CHECKING:
    from pathlib import Path

    from include.training.prediction import Model

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Answers:
    """Answers as JSON values, one a row; ``scores`` are as in ``Predictions``."""

    values: tuple[str | int | float, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True)
class LoadedPackage:
    """A model with the contract of its requests."""

    manifest: PackageManifest
    contract: FeatureContract
    model: Model

    def answer(self, batch: Batch) -> Answers:
        """Return the answers for checked rows."""
        said = self.model.predict(table(self.contract.names, batch.rows))
        return Answers(tuple(said.values.tolist()), tuple(said.scores.tolist()))


def load(folder: Path, *, expected: str = "") -> LoadedPackage:
    """Verify a package, load it and try it on its probe rows.

    Raises:
        PackageTampered: a file does not match the manifest.
        BadInput: the package lacks a document or holds a type nobody trusts.
        Rejected: the model does not answer as it did when it was packaged.
    """
    manifest = verify(folder, expected=expected)
    try:
        contract = FeatureContract.model_validate_json((folder / CONTRACT).read_bytes())
        probe = Probe.model_validate_json((folder / PROBE).read_bytes())
    except (OSError, ValidationError) as error:
        raise BadInput("this is no model package", where=str(folder), value=str(error)) from error
    model, _ = stored.read(folder)
    package = LoadedPackage(manifest, contract, model)
    _try(package, probe)
    return package


def _try(package: LoadedPackage, probe: Probe) -> None:
    columns = zip(package.contract.names, zip(*probe.rows, strict=True), strict=True)
    batch = check(package.contract, tuple(NamedColumn(name, cells) for name, cells in columns))
    answers = package.answer(batch)
    for place, (now, then) in enumerate(zip(answers.scores, probe.scores, strict=True)):
        if not abs(now - then) <= TOLERANCE * max(1.0, abs(then)):
            raise Rejected(
                f"probe row {place} is answered differently than when the model was packaged",
                where=package.manifest.model,
                value=f"{now!r} instead of {then!r}",
                remedy="Serve it with the library versions of its requirements.txt",
            )
    if answers.values != probe.values:
        raise Rejected("a probe row gets another label", where=package.manifest.model)
