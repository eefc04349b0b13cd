"""Fitting a dense network with Keras. TensorFlow is loaded when the first network is fitted.

Tracing a new graph takes seconds, a network of these sizes less than one. So the last graph is kept
for the next network of the same shape: folds and trials of a search share it, with weights, moments
and rates set anew. All passes over the rows are one stream of batches for the same reason.
"""

from __future__ import annotations

import logging
import math
import os
import warnings
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

_LOSSES = {"log_loss": "binary_crossentropy", "squared_error": "mse"}
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1"}
_AT_ONCE = 16


@dataclass(frozen=True)
class Network:
    """Shape of a network and how it is fitted."""

    width: int
    depth: int
    learning_rate: float
    decay: float
    epochs: int
    batch: int
    seed: int


@dataclass(frozen=True)
class _Graph:
    """A compiled model, and the numbers that differ between the networks that share it."""

    model: Any
    rate: Any
    decay: Any
    steps: Any

    def begin(self, network: Network, steps: int, generator: np.random.Generator) -> None:
        """Forget what was learned: new weights (Glorot and Bengio 2010), no moments, new rates."""
        for variable in self.model.optimizer.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))
        self.model.set_weights([_drawn(w.shape, generator) for w in self.model.get_weights()])
        self.rate.assign(network.learning_rate)
        self.decay.assign(network.decay)
        self.steps.assign(steps)


def weights(network: Network, X: np.ndarray, y: np.ndarray, loss: str) -> list[np.ndarray]:  # noqa: N803
    """Return kernel and bias of each layer after fitting, ``float64``.

    Adam with decoupled weight decay (Loshchilov and Hutter 2019) and a cosine-decayed rate, on one
    thread with deterministic operations: the same rows and seed give the same weights, whatever was
    fitted before.

    Args:
        network: Shape and schedule.
        X: Rows, shape (n, inputs), about mean 0 and variance 1.
        y: Target, shape (n,): 0 or 1 for ``log_loss``.
        loss: ``log_loss`` or ``squared_error``.
    """
    generator = np.random.default_rng(network.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = _graph(network.width, network.depth, X.shape[1], loss)
        steps = math.ceil(len(X) * network.epochs / network.batch)
        graph.begin(network, steps, generator)
        order = np.concatenate([generator.permutation(len(X)) for _ in range(network.epochs)])
        graph.model.fit(_batches(X, y, order, network.batch), epochs=1, verbose=0)
        return [np.asarray(array, dtype="float64") for array in graph.model.get_weights()]


@lru_cache(maxsize=1)
def _graph(width: int, depth: int, inputs: int, loss: str) -> _Graph:
    keras = _keras()
    keras.backend.clear_session()
    layers = [keras.layers.Dense(width, activation="relu") for _ in range(depth)]
    last = keras.layers.Dense(1, activation="sigmoid" if loss == "log_loss" else None)
    model = keras.Sequential([keras.Input((inputs,)), *layers, last])
    rate, decay, steps = (keras.Variable(1.0, trainable=False) for _ in range(3))
    optimizer = keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(rate, steps))
    optimizer.weight_decay = decay
    model.compile(optimizer=optimizer, loss=_LOSSES[loss], steps_per_execution=_AT_ONCE)
    optimizer.build(model.trainable_variables)
    return _Graph(model, rate, decay, steps)


def _batches(X: np.ndarray, y: np.ndarray, order: np.ndarray, batch: int) -> Any:  # noqa: N803
    """Return a stream of batches of the rows, taken in an order."""
    tensorflow = import_module("tensorflow")
    table, answers = X.astype("float32"), y.astype("float32").reshape(-1, 1)
    places = tensorflow.data.Dataset.from_tensor_slices(order.astype("int32")).batch(batch)
    held = tensorflow.constant(table), tensorflow.constant(answers)
    return places.map(lambda rows: tuple(tensorflow.gather(part, rows) for part in held))


def _drawn(shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    if len(shape) == 1:
        return np.zeros(shape, "float32")
    limit = math.sqrt(6 / sum(shape))
    return generator.uniform(-limit, limit, shape).astype("float32")


def _keras() -> Any:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    tensorflow = import_module("tensorflow")
    # It warns of each new network's compilation, which is what a search consists of.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    tensorflow.config.experimental.enable_op_determinism()
    if tensorflow.config.threading.get_intra_op_parallelism_threads() != 1:
        tensorflow.config.threading.set_intra_op_parallelism_threads(1)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    return import_module("keras")
