"""The columns that arrived against those of the contract: what no row can be blamed for."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from include.data.report import Finding, Kind

if TYPE_CHECKING:
    from include.data.dataset import DatasetSource, DatasetVersion
    from include.spec.model import Spec

_LIKENESS = 0.6


def check(dataset: DatasetVersion, spec: Spec) -> tuple[Finding, ...]:
    """Return a finding for every column that a file lacks, or has beyond the contract."""
    wanted = [column.name for column in spec.data.columns]
    return tuple(finding for source in dataset.sources for finding in _check_source(source, wanted))


def misplaced(dataset: DatasetVersion, spec: Spec) -> tuple[Finding, ...]:
    """Return a warning for every file whose columns come in another order than the contract's."""
    wanted = tuple(column.name for column in spec.data.columns)
    return tuple(
        Finding(
            kind=Kind.EXTRA_COLUMN,
            message=f"{source.uri}: the columns come in another order than in the contract; "
            "they were taken by name",
        )
        for source in dataset.sources
        if set(source.columns) == set(wanted) and source.columns != wanted
    )


def _check_source(source: DatasetSource, wanted: list[str]) -> list[Finding]:
    missing = [name for name in wanted if name not in source.columns]
    extra = [name for name in source.columns if name not in wanted]
    return [
        *(_missing(source.uri, name, extra) for name in missing),
        *(_extra(source.uri, name, missing) for name in extra),
    ]


def _missing(uri: str, name: str, extra: list[str]) -> Finding:
    hint = _nearest(name, extra)
    message = f"{uri}: column `{name}` is missing"
    if hint:
        message += f"; was it renamed to `{hint}`? Name it `{name}` again, or change the contract"
    else:
        message += "; send it, or take it out of the contract"
    return Finding(kind=Kind.MISSING_COLUMN, column=name, message=message)


def _extra(uri: str, name: str, missing: list[str]) -> Finding:
    hint = _nearest(name, missing)
    message = f"{uri}: column `{name}` is not in the contract"
    if hint:
        message += f"; is it `{hint}`?"
    else:
        message += "; leave it out, or add it to the contract with its `available_at`"
    return Finding(kind=Kind.EXTRA_COLUMN, column=name, message=message)


def _nearest(name: str, candidates: list[str]) -> str:
    """Return the candidate most like ``name``: close in spelling, or one inside the other."""
    plain = name.replace("_", "").lower()
    for candidate in candidates:
        other = candidate.replace("_", "").lower()
        if plain and other and (plain in other or other in plain):
            return candidate
    return next(iter(difflib.get_close_matches(name, candidates, n=1, cutoff=_LIKENESS)), "")
