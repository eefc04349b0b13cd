"""Series of samples as they were scraped."""

from __future__ import annotations

from dataclasses import dataclass

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Series:
    """Samples under one set of labels.

    Attributes:
        labels: Names and values, sorted, the metric's name left out.
        samples: Time in seconds since 1970 and value, in order of time.
    """

    labels: Labels
    samples: tuple[tuple[float, float], ...]

    def label(self, name: str) -> str:
        """Return the value of a label; empty where there is none, as in PromQL."""
        return next((value for key, value in self.labels if key == name), "")


@dataclass(frozen=True)
class Scraped:
    """What is known of one variant's requests.

    Attributes:
        presence: A gauge that is there whenever the counters are; its value is the time when the
            process began to count, in seconds since 1970, or a smaller number that is no time.
        requests: Counters of requests, by status.
        errors: Counters of failed requests; empty where the status tells.
        latency: Counters of a histogram of answer times.
        predictions: Counters of a histogram of predictions.
    """

    presence: tuple[Series, ...]
    requests: tuple[Series, ...] = ()
    errors: tuple[Series, ...] = ()
    latency: tuple[Series, ...] = ()
    predictions: tuple[Series, ...] = ()
