"""Composes the files of one model with Hydra, and keeps where each value came from.

``dags/models/<model>.yaml`` may name shared files in its ``defaults:`` list, for example
``defaults/alerts@alerts``; ``environments/<environment>/<model>.yaml`` lies on top where it is
there. Hydra decides the order and merges the values; the positions follow its order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import MissingConfigException
from hydra.types import RunMode
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from include.spec.origins import Document, Places, read
from include.spec.problems import Place, Problem, Steps

if TYPE_CHECKING:
    from pathlib import Path

_VERSION_BASE = "1.3"


@dataclass(frozen=True)
class Composed:
    """The resolved values of a model, unchecked; files are relative to the models' folder."""

    values: dict[str, Any]
    places: Places
    files: tuple[str, ...]


@dataclass(frozen=True)
class Broken:
    """Why a model could not be composed."""

    problems: tuple[Problem, ...]


def composed(folder: Path, model: str, environment: str) -> Composed | Broken:
    """Return the resolved values of ``folder/<model>.yaml`` for one environment."""
    files = [f"{model}.yaml"]
    override = override_file(model, environment)
    if (folder / override).is_file():
        files.append(override)
    documents = [read(folder, file) for file in files]
    problems = [p for document in documents for p in document.problems + _reserved(document)]
    if problems:
        return Broken(tuple(problems))
    overrides = [f"+environments/{environment}@_global_={model}"] if len(files) > 1 else []
    try:
        merged = _merged(folder, model, overrides)
    except Exception as error:
        # For a wrong defaults list Hydra raises ValueError, AttributeError, OSError and others.
        return Broken(_explained(error, folder, documents[0]))
    return _placed(folder, merged)


def override_file(model: str, environment: str) -> str:
    """Return the name of the file that may change a model in one environment."""
    return f"environments/{environment}/{model}.yaml"


@dataclass(frozen=True)
class _Merged:
    """What Hydra made: the values, and (file, package) in the order in which it merged them."""

    values: Any
    layers: tuple[tuple[str, str], ...]


def _merged(folder: Path, model: str, overrides: list[str]) -> _Merged:
    with initialize_config_dir(config_dir=str(folder.resolve()), version_base=_VERSION_BASE):
        loader = GlobalHydra.instance().config_loader()
        defaults = loader.compute_defaults_list(model, overrides, RunMode.RUN).defaults
        config = compose(model, overrides=overrides)
    own = [d for d in defaults if not d.config_path.startswith("hydra/")]
    layers = tuple((f"{d.config_path}.yaml", d.package or "") for d in own)
    return _Merged(OmegaConf.to_container(config, resolve=True), layers)


def _placed(folder: Path, merged: _Merged) -> Composed | Broken:
    documents = [(read(folder, file), package) for file, package in merged.layers]
    problems = tuple(p for document, _ in documents for p in document.problems)
    if problems:
        return Broken(problems)
    places = Places()
    for document, package in documents:
        places.lay_over(document.places, tuple(package.split(".")) if package else ())
    files = tuple(sorted({document.file for document, _ in documents}))
    return Composed(merged.values, places, files)


def _reserved(document: Document) -> list[Problem]:
    place = document.places.keys.get(("hydra",))
    return [Problem(place, "hydra", "no such field")] if place else []


def _explained(error: Exception, folder: Path, main: Document) -> tuple[Problem, ...]:
    if isinstance(error, YAMLError):
        shared = sorted((folder / "defaults").rglob("*.yaml"))
        documents = [read(folder, path.relative_to(folder).as_posix()) for path in shared]
        problems = tuple(p for document in documents for p in document.problems)
        if problems:
            return problems
    what = " ".join(str(error).split("\n")[0].split())
    steps = _blamed(error, main)
    place = main.places.of(steps) if steps else Place(main.file, 1, 1)
    return (Problem(place, ".".join(map(str, steps)), what),)


def _blamed(error: Exception, main: Document) -> Steps:
    if isinstance(error, OmegaConfBaseException):
        return tuple(part for part in (error.full_key or "").split(".") if part)
    if isinstance(error, MissingConfigException):
        return _default_named(error.missing_cfg_file or "", main)
    return ("defaults",)


def _default_named(missing: str, main: Document) -> Steps:
    """Return the entry of the defaults list that names the file Hydra missed."""
    entries = [steps for steps in main.scalars if steps[:1] == ("defaults",)]
    named = (steps for steps in entries if missing and missing in main.scalars[steps])
    return next(named, ("defaults",))
