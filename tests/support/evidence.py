"""Evidence of a stage, as the serving daemon would count it."""

from __future__ import annotations

from dataclasses import dataclass

from include.evidence.tally import (
    LATENCY_BOUNDS,
    Evidence,
    Losses,
    Moments,
    Pairing,
    Tally,
    latency_bin,
)

STABLE, CANDIDATE = "1.0.0", "2.0.0"
QUICK, SLOW = latency_bin(20), latency_bin(2000)


def timed(quick: int, slow: int) -> tuple[int, ...]:
    """Return a latency histogram of answers in 20 ms and in 2 s."""
    bins = [0] * (len(LATENCY_BOUNDS) + 1)
    bins[QUICK], bins[SLOW] = quick, slow
    return tuple(bins)


@dataclass(frozen=True)
class Arm:
    """What one version did.

    Attributes:
        requests: Requests.
        errors: Those of them that failed.
        slow: Those of the answers that took long.
        labels: Labelled predictions.
        wrong: Those of them that were wrong.
        at: Bin of all predictions.
    """

    requests: int = 0
    errors: int = 0
    slow: int = 0
    labels: int = 0
    wrong: int = 0
    at: int = 10

    @property
    def answers(self) -> int:
        return self.requests - self.errors

    def tally(self, version: str) -> Tally:
        return Tally(
            variant=f"v{version}",
            version=version,
            requests=self.requests,
            errors=self.errors,
            latency=timed(self.answers - self.slow, self.slow),
            outputs=((self.at, self.answers),) if self.answers else (),
            losses=Losses(error=Moments(self.labels, self.wrong, self.wrong)),
        )


def canary(candidate: Arm, stable: Arm | None = None, seconds: float = 60) -> Evidence:
    """Return the evidence of a canary stage; without `stable` nothing stands beside it."""
    arms = [(STABLE, stable), (CANDIDATE, candidate)]
    tallies = tuple(arm.tally(version) for version, arm in arms if arm is not None)
    return Evidence("toy", 3, seconds, tallies)


def shadow(pairing: Pairing, stable: Arm, seconds: float = 60) -> Evidence:
    """Return the evidence of a shadow stage."""
    return Evidence("toy", 3, seconds, (stable.tally(STABLE),), (pairing,))


def pairing(pairs: int, errors: int = 0, differ: int = 0, **more: object) -> Pairing:
    """Return what a shadow of the candidate did, its predictions like those of an `Arm`."""
    answers = pairs - errors
    told = {
        "latency": timed(answers, 0),
        "outputs": ((10, answers),) if answers else (),
        "classes_differ": differ,
        **more,
    }
    return Pairing("shadow", CANDIDATE, pairs=pairs, errors=errors, **told)  # type: ignore[arg-type]
