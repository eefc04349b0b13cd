"""One Optuna study a run, shared by the searches of all its algorithms, and safe to kill.

A trial enters the study when it is over, in one write: a killed search leaves nothing half done,
and its successor goes on with the next number. What to try is asked of a private study that holds
the finished trials of the same algorithm only, with a seed made of (seed, algorithm, number): the
searches of other algorithms, kills and the order of processes change nothing.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial

from include import digest
from include.training.knobs import distribution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optuna.storages import BaseStorage
    from optuna.trial import Trial

    from include.spec.base import Scalar
    from include.training.knobs import Knob

NAME = "airworthy"
RANDOM_TRIALS = 4
_RETRIES = 5
optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclass(frozen=True)
class Search:
    """What is searched: the knobs of one algorithm, from its defaults, under a seed."""

    algorithm: str
    knobs: tuple[Knob, ...]
    defaults: Mapping[str, Scalar]
    seed: int
    is_higher_better: bool


@dataclass(frozen=True)
class Tried:
    """A finished trial: its state in Optuna's words, and its mean score where it has one."""

    number: int
    state: str
    parameters: Mapping[str, Scalar]
    score: float | None
    seconds: float
    note: str = ""


class Study:
    """The part of a run's study that belongs to one algorithm."""

    def __init__(self, storage: BaseStorage, search: Search) -> None:
        self._search = search
        self._direction = "maximize" if search.is_higher_better else "minimize"
        self._shared = optuna.create_study(
            storage=storage, study_name=NAME, direction=self._direction, load_if_exists=True
        )

    @property
    def is_searchable(self) -> bool:
        """Whether there is anything to turn."""
        return bool(self._search.knobs)

    def finished(self) -> tuple[Tried, ...]:
        """Return the finished trials in order; a number that two processes tried counts once."""
        return tuple(_tried(trial, self._prefix) for trial in self._own())

    def ask(self) -> Trial | None:
        """Return what to try next, or None where everything was tried.

        The first trial is the defaults. The same finished trials give the same answer.
        """
        done = self._own()
        tried = {_fingerprint(trial.params) for trial in done}
        for again in range(_RETRIES):
            trial = self._private(done, again).ask({
                self._prefix + knob.name: distribution(knob) for knob in self._search.knobs
            })
            if _fingerprint(trial.params) not in tried:
                return trial
        return None

    def parameters(self, trial: Trial) -> dict[str, Scalar]:
        """Return the parameters that a trial turns, by their own names."""
        return {name.removeprefix(self._prefix): value for name, value in trial.params.items()}

    def tell(self, trial: Trial, score: float | None, *, seconds: float, note: str = "") -> None:
        """Write a trial down: pruned or complete by ``note``, failed where it has no score."""
        complete = TrialState.PRUNED if note else TrialState.COMPLETE
        state = TrialState.FAIL if score is None else complete
        said = trial.study.trials[-1]
        attributes = {
            "algorithm": self._search.algorithm,
            "number": len(self._own()),
            "seconds": round(seconds, 3),
            "note": note,
        }
        self._shared.add_trial(
            create_trial(
                state=state,
                value=score,
                params=said.params,
                distributions=said.distributions,
                user_attrs=attributes,
                intermediate_values=said.intermediate_values,
            )
        )

    @property
    def _prefix(self) -> str:
        return f"{self._search.algorithm}."

    def _own(self) -> list[FrozenTrial]:
        found: dict[int, FrozenTrial] = {}
        for trial in self._shared.get_trials(deepcopy=False):
            if trial.user_attrs.get("algorithm") == self._search.algorithm:
                found.setdefault(trial.user_attrs["number"], trial)
        return [found[number] for number in sorted(found)]

    def _private(self, done: list[FrozenTrial], again: int) -> optuna.Study:
        seeded = digest.of_json([self._search.seed, self._search.algorithm, len(done), again])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            study = optuna.create_study(
                direction=self._direction,
                sampler=optuna.samplers.TPESampler(
                    seed=int(seeded[:8], 16), n_startup_trials=RANDOM_TRIALS, multivariate=True
                ),
                pruner=optuna.pruners.MedianPruner(n_startup_trials=RANDOM_TRIALS),
            )
        study.add_trials(done)
        if not done:
            study.enqueue_trial({
                self._prefix + knob.name: self._search.defaults[knob.name]
                for knob in self._search.knobs
            })
        return study


def _fingerprint(parameters: Mapping[str, Scalar]) -> tuple[tuple[str, Scalar], ...]:
    return tuple(sorted(parameters.items()))


def _tried(trial: FrozenTrial, prefix: str) -> Tried:
    return Tried(
        number=trial.user_attrs["number"],
        state=trial.state.name.lower(),
        parameters={name.removeprefix(prefix): value for name, value in trial.params.items()},
        score=trial.value,
        seconds=trial.user_attrs["seconds"],
        note=trial.user_attrs["note"],
    )
