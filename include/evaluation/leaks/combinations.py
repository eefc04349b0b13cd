"""Several features that add up to the target, as ``casual + registered`` do to ``cnt``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from include.evaluation.leaks.records import Leak, LeakKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

EXACT = 0.9999
_SMALL = 1e-6


def combinations(table: pd.DataFrame, target: np.ndarray) -> Iterator[Leak]:
    """Yield the smallest set of numeric features whose weighted sum is the target.

    Least squares over all numeric features; where they explain the target, those that are not
    needed for it are taken out one by one. One feature alone is a copy, not a combination.

    Args:
        table: Features of the training rows, shape (n, features).
        target: The target, shape (n,).
    """
    numbers = table.select_dtypes("number").astype("float64")
    numbers = numbers.loc[:, numbers.notna().all()]
    names = [str(name) for name in numbers.columns if np.ptp(numbers[name]) > 0]
    if (
        len(target) <= len(names) + 2
        or np.ptp(target) == 0
        or _explained(numbers, names, target) < EXACT
    ):
        return
    for name in list(names):
        rest = [other for other in names if other != name]
        if rest and _explained(numbers, rest, target) >= EXACT:
            names = rest
    if len(names) > 1:
        strength = _explained(numbers, names, target)
        words = f"the target is {_formula(numbers, names, target)} (R2 {strength:.6f})"
        yield Leak(kind=LeakKind.COMBINATION, columns=tuple(names), words=words, strength=strength)


def _solve(numbers: pd.DataFrame, names: list[str], target: np.ndarray) -> np.ndarray:
    matrix = np.column_stack([numbers[names].to_numpy(), np.ones(len(target))])
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-300)
    found: np.ndarray = np.linalg.lstsq(matrix / scale, target, rcond=None)[0]
    return found / scale


def _explained(numbers: pd.DataFrame, names: list[str], target: np.ndarray) -> float:
    weights = _solve(numbers, names, target)
    said = numbers[names].to_numpy() @ weights[:-1] + weights[-1]
    return 1 - float(np.var(target - said) / np.var(target))


def _formula(numbers: pd.DataFrame, names: list[str], target: np.ndarray) -> str:
    weights = _solve(numbers, names, target)
    parts = [f"{weight:.4g} x {name}" for weight, name in zip(weights, names, strict=False)]
    if abs(weights[-1]) > _SMALL * float(np.abs(target).max()):
        parts.append(f"{weights[-1]:.4g}")
    return " + ".join(parts)
