"""Compiles what people write into what DAG files read, or says everything that is wrong with it.

Needs Hydra and YAML, so it runs on the command line and in tests, never in a DAG file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from include import digest
from include.errors import BadInput, SpecInvalid
from include.spec.checks import findings
from include.spec.compiled import digest_of
from include.spec.compose import Broken, composed
from include.spec.model import CompiledSpec, Origin
from include.spec.problems import Finding, Problem, Steps, dotted
from include.spec.shape import shaped
from include.spec.view import view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.spec.compose import Composed

_NAME = re.compile(r"[a-z][a-z0-9_]{1,62}")
_ENVIRONMENT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def compile_spec(folder: Path, model: str, environment: str) -> CompiledSpec:
    """Return the compiled spec of ``folder/<model>.yaml`` for one environment.

    Raises:
        BadInput: the name of the model or environment cannot be one.
        SpecInvalid: the spec has problems; every one of them is listed.
    """
    _check_names(model, environment)
    found = composed(folder, model, environment)
    if isinstance(found, Broken):
        raise _invalid(found.problems, folder, model)
    spec, wrong = shaped(found.values)
    wrong = (*wrong, *findings(view(model, found.values)))
    if wrong or spec is None:
        raise _invalid(tuple(_placed(finding, found) for finding in wrong), folder, model)
    return CompiledSpec(
        environment=environment,
        sources={file: digest.of_file(folder / file) for file in found.files},
        origins=tuple(_origins(found)),
        digest=digest_of(spec),
        spec=spec,
    )


def written(folder: Path) -> tuple[str, ...]:
    """Return the names of the models written in a folder, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def _check_names(model: str, environment: str) -> None:
    if not _NAME.fullmatch(model):
        remedy = "A small letter, then small letters, digits or _"
        raise BadInput("not a name of a model", value=model, remedy=remedy)
    if not _ENVIRONMENT.fullmatch(environment):
        remedy = "Small letters, digits, _ and -"
        raise BadInput("not a name of an environment", value=environment, remedy=remedy)


def _placed(finding: Finding, found: Composed) -> Problem:
    place = found.places.of_key(finding.steps)
    if finding.steps in found.places.values and finding.value is not None:
        place = found.places.of(finding.steps)
    path = dotted(finding.steps)
    return Problem(place, path, finding.what, finding.value, finding.suggestion)


def _invalid(problems: tuple[Problem, ...], folder: Path, model: str) -> SpecInvalid:
    shown = _shown(folder)
    main = f"{model}.yaml"
    ordered = sorted(problems, key=lambda p: (p.place.file != main, p.place, p.path))
    lines = dict.fromkeys(problem.line(f"{shown}/") for problem in ordered)
    return SpecInvalid(tuple(lines), where=f"{shown}/{main}")


def _shown(folder: Path) -> str:
    """Return the folder as seen from where the reader stands, so that the lines can be clicked."""
    resolved, here = folder.resolve(), Path.cwd()
    inside = resolved.is_relative_to(here)
    return (resolved.relative_to(here) if inside else resolved).as_posix()


def _origins(found: Composed) -> Iterator[Origin]:
    for steps in _leaves(found.values, ()):
        place = found.places.of(steps)
        yield Origin(path=dotted(steps), file=place.file, line=place.line, column=place.column)


def _leaves(value: object, steps: Steps) -> Iterator[Steps]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*steps, key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*steps, index))
    else:
        yield steps
