"""Which series tell of a variant: one selector a signal, for sources that are well known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from include.serving.prometheus.selectors import Matcher, Selector, parse

if TYPE_CHECKING:
    from include.serving.prometheus.phases import Arm, Phase

Unit = Literal["seconds", "milliseconds"]
MILLISECONDS: dict[Unit, float] = {"seconds": 1000.0, "milliseconds": 1.0}
TARGET = ("instance", "pod")
"""Labels that tell one scraped process from another."""


@dataclass(frozen=True)
class Templates:
    """Selectors with the variables of `selectors.VARIABLES`, as in ``$version``.

    Attributes:
        presence: A gauge that is scraped with the counters; see `Scraped.presence`.
        requests: Counter of requests.
        errors: Counter of failed requests, where no label of `requests` tells the status.
        latency: Buckets of a histogram of answer times, best of good answers only.
        predictions: Buckets of a histogram of predictions.
        code: Label of `requests` that holds the HTTP status.
        unit: What the bounds of `latency` are in.
        target: Labels that tell one scraped process from another.
    """

    presence: Selector
    requests: Selector
    errors: Selector | None = None
    latency: Selector | None = None
    predictions: Selector | None = None
    code: str = "code"
    unit: Unit = "seconds"
    target: tuple[str, ...] = TARGET

    def filled(self, phase: Phase, arm: Arm) -> Templates:
        """Return them for one variant."""
        return replace(
            self,
            presence=self.presence.filled(phase, arm),
            requests=self.requests.filled(phase, arm),
            errors=self.errors and self.errors.filled(phase, arm),
            latency=self.latency and self.latency.filled(phase, arm),
            predictions=self.predictions and self.predictions.filled(phase, arm),
        )

    def with_matchers(self, more: tuple[Matcher, ...]) -> Templates:
        """Return them with further conditions on all series."""
        return replace(
            self,
            presence=self.presence.with_matchers(more),
            requests=self.requests.with_matchers(more),
            errors=self.errors and self.errors.with_matchers(more),
            latency=self.latency and self.latency.with_matchers(more),
            predictions=self.predictions and self.predictions.with_matchers(more),
        )


_OURS = '{model="$model",version="$version"}'
MODEL_SERVER = Templates(
    presence=parse(f"airworthy_model_start_time_seconds{_OURS}"),
    requests=parse(f"airworthy_model_requests_total{_OURS}"),
    latency=parse(f"airworthy_model_request_seconds_bucket{_OURS}"),
    predictions=parse(f"airworthy_model_prediction_bucket{_OURS}"),
)
"""Our model servers, scraped in their pods."""

# Traefik names a backend of an HTTPRoute after namespace, Service and port.
_TRAEFIK = 'service=~"$namespace-$service-http-[0-9]+@kubernetesgateway"'
TRAEFIK = Templates(
    presence=parse('process_start_time_seconds{job="traefik"}'),
    requests=parse(f"traefik_service_requests_total{{{_TRAEFIK}}}"),
    latency=parse(f'traefik_service_request_duration_seconds_bucket{{{_TRAEFIK},code=~"2.."}}'),
)
"""Traefik as a Gateway, with ``addServicesLabels``: requests that no pod answered count too."""

KNOWN = {"model_server": MODEL_SERVER, "traefik": TRAEFIK}
