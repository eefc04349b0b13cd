"""The network: equal weights for equal rows and seed, whatever the process fitted before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from include.training.estimators.keras_fit import Network, weights

pytestmark = [pytest.mark.steps, pytest.mark.filterwarnings("ignore")]

SMALL = Network(width=8, depth=1, learning_rate=0.02, decay=1e-4, epochs=6, batch=32, seed=1)
DRAW = np.random.default_rng(5)
X = DRAW.normal(size=(203, 4))
Y = (X[:, 0] + 0.3 * DRAW.normal(size=203) > 0).astype(float)


def fitted(network: Network, rows: int = 203) -> list[np.ndarray]:
    return weights(network, X[:rows], Y[:rows], "log_loss")


def same(one: list[np.ndarray], two: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize(
    "between",
    [
        {"seed": 2},
        {"learning_rate": 0.2, "decay": 0.5},
        {"epochs": 1, "batch": 7},
        {"width": 4},
        {"depth": 2},
    ],
    ids=lambda changes: " ".join(changes),
)
def test_what_was_fitted_before_leaves_nothing(between) -> None:
    first = fitted(SMALL)
    fitted(replace(SMALL, **between), rows=150)
    assert same(fitted(SMALL), first)


@pytest.mark.parametrize(
    "changes",
    [{"seed": 2}, {"learning_rate": 0.005}, {"decay": 0.5}, {"epochs": 7}, {"batch": 33}],
    ids=lambda changes: next(iter(changes)),
)
def test_everything_that_is_set_counts(changes) -> None:
    assert not same(fitted(replace(SMALL, **changes)), fitted(SMALL))


def test_decay_keeps_weights_small() -> None:
    """A graph that is shared must not keep the decay it was traced with."""
    free, held = (fitted(replace(SMALL, decay=decay, epochs=40))[0] for decay in (0.0, 5.0))
    assert np.abs(held).sum() < 0.7 * np.abs(free).sum()


def test_it_learns() -> None:
    kernels = fitted(replace(SMALL, epochs=30))
    hidden = np.maximum(X @ kernels[0] + kernels[1], 0)
    said = (hidden @ kernels[2] + kernels[3])[:, 0] > 0
    assert (said == (Y > 0)).mean() > 0.85
