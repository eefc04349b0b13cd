"""Fitting a dense network with Keras. TensorFlow is loaded when the first network is fitted."""

from __future__ import annotations

import logging
import math
import os
import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

_LOSSES = {"log_loss": "binary_crossentropy", "squared_error": "mse"}
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1"}
_MOST_AT_ONCE = 64


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


def weights(network: Network, X: np.ndarray, y: np.ndarray, loss: str) -> list[np.ndarray]:  # noqa: N803
    """Return kernel and bias of each layer after fitting, ``float64``.

    Adam with decoupled weight decay (Loshchilov and Hutter 2019) and a cosine-decayed rate, on one
    thread with deterministic operations: the same rows and seed give the same weights.

    Args:
        network: Shape and schedule.
        X: Rows, shape (n, inputs), about mean 0 and variance 1.
        y: Target, shape (n,): 0 or 1 for ``log_loss``.
        loss: ``log_loss`` or ``squared_error``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = _keras()
        keras.utils.set_random_seed(network.seed % 2**32)
        steps = math.ceil(len(X) / network.batch)
        model = _model(keras, network, X.shape[1], loss)
        rate = keras.optimizers.schedules.CosineDecay(network.learning_rate, steps * network.epochs)
        model.compile(
            optimizer=keras.optimizers.AdamW(rate, weight_decay=network.decay),
            loss=_LOSSES[loss],
            steps_per_execution=min(steps, _MOST_AT_ONCE),
        )
        data = (X.astype("float32"), y.reshape(-1, 1))
        model.fit(*data, batch_size=network.batch, epochs=network.epochs, verbose=0)
        fitted = [np.asarray(array, dtype="float64") for array in model.get_weights()]
        keras.backend.clear_session()
    return fitted


def _model(keras: Any, network: Network, inputs: int, loss: str) -> Any:
    layers = [keras.layers.Dense(network.width, activation="relu") for _ in range(network.depth)]
    last = keras.layers.Dense(1, activation="sigmoid" if loss == "log_loss" else None)
    return keras.Sequential([keras.Input((inputs,)), *layers, last])


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
