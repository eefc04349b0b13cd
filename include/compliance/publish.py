"""Making the report of a live version, and putting reports where people find them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from include import digest
from include.compliance import history, page, report, requirements
from include.compliance.evidence import gather
from include.compliance.records import ComplianceReport
from include.errors import NotFound, ObjectMissing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from include.compliance.evidence import Records
    from include.compliance.history import Live
    from include.compliance.reading import Objects
    from include.compliance.records import Generated
    from include.store.objects import ObjectStore


@dataclass(frozen=True)
class Place:
    """Where the reports of one day are.

    Attributes:
        store: Root of the object store.
        as_of: The day.
    """

    store: str
    as_of: date

    def uri(self, name: str) -> str:
        """Return the address of a file."""
        return f"{self.store.rstrip('/')}/reports/compliance/{self.as_of}/{name}"


@dataclass(frozen=True)
class Entry:
    """One line of the index; without a digest there is no report."""

    model: str
    version: str
    gaps: int
    digest: str


def live_versions(records: Records, as_of: date, model: str = "") -> tuple[Live, ...]:
    """Return what was live at the end of a day, by model; of one model where it is named.

    Raises:
        NotFound: nothing of that model was live.
        ControlPlaneUnavailable: no answer.
    """
    # A listing is cut at its newest rows, so each model is asked for by itself.
    models = sorted({one.model for one in records.endpoints() if model in {"", one.model}})
    before = history.end_of(as_of)
    found = [one for name in models for one in history.live(records.rollouts(model=name), before)]
    if model and not found:
        what = f"nothing of this model was live on {as_of}"
        raise NotFound(what, value=model, remedy="Choose another day, or all models")
    return tuple(found)


def make(
    records: Records, objects: Objects, live: Live, as_of: date, generated: Generated
) -> ComplianceReport:
    """Return the report of a live version.

    Raises:
        NotFound: no such version.
        ControlPlaneUnavailable, StoreUnavailable: no answer; an outage is never shown as a gap.
    """
    evidence = gather(records, objects, live, history.end_of(as_of))
    made = report.contents(evidence, requirements.read(), as_of)
    return ComplianceReport(generated=generated, contents=made)


def files(made: ComplianceReport) -> dict[str, bytes]:
    """Return page and JSON of a report, by file name."""
    model = made.contents.model
    return {
        f"{model}.html": page.page(made).encode(),
        f"{model}.json": digest.canonical(made.model_dump(mode="json")),
    }


def write(made: ComplianceReport, place: Place, store: ObjectStore) -> str:
    """Write page and JSON, the JSON last, and return the address of the page.

    Raises:
        StoreFull, StoreUnavailable: see ``ObjectStore.write``.
    """
    for name, data in files(made).items():
        store.write(place.uri(name), data)
    return place.uri(f"{made.contents.model}.html")


def write_index(
    wanted: Iterable[tuple[str, str]], place: Place, store: ObjectStore, generated: Generated
) -> tuple[Entry, ...]:
    """Write ``index.html`` over the reports of models and versions, and return its lines.

    Raises:
        StoreUnavailable: the store did not answer.
    """
    entries = tuple(_entry(model, version, place, store) for model, version in wanted)
    text = page.index(entries, str(place.as_of), generated)
    store.write(place.uri("index.html"), text.encode())
    return entries


def _entry(model: str, version: str, place: Place, store: ObjectStore) -> Entry:
    nothing = Entry(model, version, gaps=0, digest="")
    try:
        data = store.read(place.uri(f"{model}.json"))
        made = ComplianceReport.model_validate_json(data).contents
    except (ObjectMissing, ValidationError):
        return nothing
    if made.version != version:
        return nothing
    return Entry(model, version, gaps=len(made.gaps), digest=made.digest)
