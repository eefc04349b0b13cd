"""``dags/compiled/<model>.json``: written by the compiler, read by DAG files and steps.

Reading needs no YAML and no Hydra, and refuses a file that no longer says what the YAML says.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from pydantic import ValidationError

from include import digest
from include.errors import BadInput, SpecStale
from include.spec.model import CompiledSpec

if TYPE_CHECKING:
    from pathlib import Path

    from include.spec.model import Origin, Spec

_REMEDY = "Run `airworthy spec compile`"


def digest_of(spec: Spec) -> str:
    """Return the SHA-256 of the canonical JSON of what decides results in a spec."""
    return digest.of_json(spec.model_dump(mode="json", exclude={"compute"}))


def to_bytes(compiled: CompiledSpec) -> bytes:
    """Return the file's bytes: the same for the same spec, one origin a line."""
    head = compiled.model_dump(mode="json", exclude={"origins", "spec"})
    lines = [f" {json.dumps(name)}: {_json(value)}," for name, value in head.items()]
    origins = ",\n".join(f"  {_origin(origin)}" for origin in compiled.origins)
    spec = json.dumps(compiled.spec.model_dump(mode="json"), indent=1, ensure_ascii=False)
    spec = spec.replace("\n", "\n ")
    body = "\n".join([*lines, f' "spec": {spec},', f' "origins": [\n{origins}\n ]'])
    return f"{{\n{body}\n}}\n".encode()


def from_bytes(data: bytes, where: str) -> CompiledSpec:
    """Return the compiled spec in ``data``, checked against its own digest.

    Raises:
        BadInput: it is no compiled spec.
        SpecStale: its content does not match its digest (edited by hand, or by another version).
    """
    try:
        compiled = CompiledSpec.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(str(step) for step in first["loc"])
        what = f"not a compiled spec: {path}: {first['msg']}"
        raise BadInput(what, where=where, remedy=_REMEDY) from error
    if digest_of(compiled.spec) != compiled.digest:
        raise SpecStale("the spec does not match its digest", where=where, remedy=_REMEDY)
    return compiled


def read(
    path: Path, *, models_folder: Path | None = None, environment: str | None = None
) -> CompiledSpec:
    """Return the compiled spec in a file, provided that it is fresh.

    Args:
        path: ``dags/compiled/<model>.json``.
        models_folder: Where the YAML is; ``models`` beside the file's folder where not given.
        environment: Environment that it must have been compiled for, where that matters.

    Raises:
        BadInput: it is no compiled spec.
        SpecStale: it is missing, its YAML changed or is missing, or the environment is another.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"no compiled spec ({error.strerror})"
        raise SpecStale(what, where=str(path), remedy=_REMEDY) from error
    compiled = from_bytes(data, str(path))
    reason = stale(compiled, models_folder or path.parent.parent / "models")
    if not reason and environment not in {None, compiled.environment}:
        reason = f"compiled for {compiled.environment}, not for {environment}"
    if reason:
        raise SpecStale(f"the compiled spec is stale: {reason}", where=str(path), remedy=_REMEDY)
    return compiled


def stale(compiled: CompiledSpec, models_folder: Path) -> str:
    """Return why the YAML is not what the spec was compiled from; nothing where it is."""
    for file, known in compiled.sources.items():
        try:
            found = digest.of_file(models_folder / file)
        except OSError as error:
            return f"{file} cannot be read ({error.strerror})"
        if found != known:
            return f"{file} has changed"
    override = f"environments/{compiled.environment}/{compiled.spec.model}.yaml"
    if override not in compiled.sources and (models_folder / override).exists():
        return f"{override} is new"
    return ""


def write(compiled: CompiledSpec, folder: Path) -> Path:
    """Write ``folder/<model>.json`` atomically and return its path; equal bytes stay untouched."""
    path = folder / f"{compiled.spec.model}.json"
    data = to_bytes(compiled)
    folder.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.read_bytes() == data:
        return path
    partial = folder / f".{path.name}.{os.getpid()}"
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def models(folder: Path) -> tuple[str, ...]:
    """Return the names of the models compiled into ``folder``, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("[a-z]*.json")))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _origin(origin: Origin) -> str:
    return _json(origin.model_dump(mode="json"))
