"""The one place that builds a source of evidence from what an installation says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.serving.prometheus.configuration import PodsConfiguration
from include.serving.prometheus.notes import NoNotes, StoredNotes
from include.serving.prometheus.pods import PodsSource
from include.serving.prometheus.source import PrometheusSource
from include.store.open import open_store

if TYPE_CHECKING:
    from include.serving.endpoint import EvidenceSource
    from include.serving.prometheus.configuration import PrometheusConfiguration
    from include.serving.prometheus.phases import Phases


def source(options: PrometheusConfiguration | PodsConfiguration, phases: Phases) -> EvidenceSource:
    """Return the source that a configuration describes.

    Args:
        options: What `configured` read from the connection's extra.
        phases: The driver that knows what is live, and since when.
    """
    if isinstance(options, PodsConfiguration):
        notes = StoredNotes(open_store(), options.notes) if options.notes else NoNotes()
        return PodsSource(options, phases, notes)
    return PrometheusSource(options, phases)
