"""The rows that may be sent: whole, labelled, and such as no version can have been trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.data import csv_file
from include.errors import BadInput, ObjectMissing
from include.replay import request
from include.replay.identity import identities
from include.spec.model import Partitioning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.data.csv_file import CsvFile
    from include.replay.landing_zone import LandingZone
    from include.replay.request import Cells
    from include.spec.model import Column, Spec


@dataclass(frozen=True)
class Application:
    """A row that can be sent: its features, and what became of it."""

    identity: str
    cells: Cells
    label: str | int | float


@dataclass(frozen=True)
class HeldBack:
    """The rows that may be sent, and which ones were left out.

    Attributes:
        features: Columns of a request, in the order of the cells.
        population: What they are rows of, for people.
        why: Why no version has seen them, for people.
        arrived: Rows that were held back and arrived all the same; they are not sent.
        incomplete: Rows that lack a feature or the label, or break the contract; not sent.
        compared: Rows that they were compared with.
    """

    applications: tuple[Application, ...]
    features: tuple[Column, ...]
    population: str
    why: str
    arrived: int
    incomplete: int
    compared: int


def held_back(spec: Spec, zone: LandingZone) -> HeldBack:
    """Return the rows of a model that never arrived, or that are later than all it has learnt from.

    Undated data has a file ``replay/<model>/held_back.csv`` in the landing zone, and beside it
    ``population.txt`` may say what it is of. A row of it counts as arrived when any file of the
    landing zone, or any file that a dataset version was made of, holds the same application. Of
    dated data, the months after the newest one of every dataset version are held back.

    Raises:
        BadInput: nothing is held back, all of it arrived, or it cannot be proved that it did not.
        StoreUnavailable: the landing zone or the store cannot be read.
    """
    known = {origin.uri for origin in zone.origins(spec.model)}
    if spec.data.partitioning is Partitioning.MONTHLY:
        uris, population, why = _later(spec, zone)
    else:
        uris, population, why = _apart(spec, zone)
        known |= set(zone.arrived(spec).values())
    files = [_read(zone, uri) for uri in uris]
    seen = [one for uri in sorted(known) for one in identities(_read(zone, uri), spec)]
    found = _sort_out(spec, files, frozenset(seen))
    if not found.applications:
        raise BadInput(
            "no row is left that may be sent",
            where=uris[0],
            value=f"{found.arrived} arrived, {found.incomplete} incomplete",
            remedy="Hold back rows that are in no batch",
        )
    return HeldBack(
        applications=found.applications,
        features=spec.data.features,
        population=population,
        why=why,
        arrived=found.arrived,
        incomplete=found.incomplete,
        compared=len(seen),
    )


@dataclass(frozen=True)
class _Sorted:
    applications: tuple[Application, ...]
    arrived: int
    incomplete: int


def _sort_out(spec: Spec, files: Iterable[CsvFile], seen: frozenset[str]) -> _Sorted:
    good: dict[str, Application] = {}
    arrived = incomplete = 0
    for file in files:
        for row, identity in zip(file.rows, identities(file, spec), strict=True):
            values = dict(zip(file.header, row.cells, strict=True))
            if identity in seen:
                arrived += 1
                continue
            try:
                cells, label = request.cells(spec, values), request.label(spec, values)
            except BadInput:
                incomplete += 1
                continue
            good[identity] = Application(identity, cells, label)
    return _Sorted(tuple(good.values()), arrived, incomplete)


def _apart(spec: Spec, zone: LandingZone) -> tuple[tuple[str, ...], str, str]:
    folder = f"{zone.arrivals.rstrip('/')}/replay/{spec.model}"
    uri = f"{folder}/held_back.csv"
    if not zone.store.exists(uri):
        raise BadInput(
            f"nothing is held back of the data of {spec.model}",
            where=uri,
            remedy="Put a CSV there with labelled rows that are in no batch",
        )
    try:
        said = zone.store.read(f"{folder}/population.txt").decode().strip()
    except ObjectMissing:
        said = f"the data of {spec.model}"
    return (uri,), said, "that never arrived"


def _later(spec: Spec, zone: LandingZone) -> tuple[tuple[str, ...], str, str]:
    learnt = [one.partition for known in zone.acquired(spec.model) for one in known.sources]
    arrived = zone.arrived(spec)
    newest = max(learnt, default="")
    later = {name: uri for name, uri in sorted(arrived.items()) if name > newest}
    if not newest or not later:
        last = max(arrived, default="none")
        raise BadInput(
            f"nothing is held back of the data of {spec.model}: its split is by time, and no month "
            "has arrived after the newest one that a dataset version holds",
            where="split",
            value=f"newest held {newest or 'none'}, newest arrived {last}",
            remedy="Train on an earlier month, or wait for the next one",
        )
    months = f"{min(later)} to {max(later)}"
    why = f"of the months {months}, after the newest one that a dataset version holds ({newest})"
    return tuple(later.values()), f"the data of {spec.model}", why


def _read(zone: LandingZone, uri: str) -> CsvFile:
    return csv_file.read(zone.store.read(uri), uri)
