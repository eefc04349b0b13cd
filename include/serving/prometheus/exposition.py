"""The text that a server shows at ``/metrics``, as series of one sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from include.serving.prometheus.conditions import Condition, unmeasured
from include.serving.prometheus.series import Scraped, Series

if TYPE_CHECKING:
    from include.serving.prometheus.selectors import Selector
    from include.serving.prometheus.templates import Templates

PROCESS = "process"


def read(text: str, templates: Templates, at: float, where: str) -> Scraped:
    """Return what a text tells of a variant; without presence where it tells nothing.

    A Service may send each look to another pod, so that the process is told by when it began.

    Raises:
        MetricsUnavailable: this is no exposition.
    """
    try:
        samples = [
            (one.name, tuple(sorted(one.labels.items())), float(one.value))
            for family in text_string_to_metric_families(text)
            for one in family.samples
        ]
    except (ValueError, KeyError, IndexError) as broken:
        raise unmeasured(
            Condition.MALFORMED, "this is no text of metrics", where=where, value=text[:80],
            remedy="Check port and path",
        ) from broken  # fmt: skip

    def of(selector: Selector | None, process: str) -> tuple[Series, ...]:
        return tuple(
            Series(tuple(sorted((*labels, (PROCESS, process)))), ((at, value),))
            for name, labels, value in samples
            if selector is not None and selector.matches(name, labels)
        )

    found = of(templates.presence, "")
    process = f"{found[0].samples[0][1]!r}" if found else ""
    return Scraped(
        presence=of(templates.presence, process),
        requests=of(templates.requests, process),
        errors=of(templates.errors, process),
        latency=of(templates.latency, process),
        predictions=of(templates.predictions, process),
    )
