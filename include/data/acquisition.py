"""Taking the files of a run's partitions into one immutable dataset version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include import digest
from include.data import csv_file, row_key
from include.data.dataset import DatasetSource, DatasetVersion, describe
from include.data.rows import Rows
from include.errors import BadInput, ObjectMissing
from include.spec.model import Partitioning
from include.spec.partition import MONTH, NAME

if TYPE_CHECKING:
    from include.data.csv_file import CsvFile
    from include.spec.model import Spec
    from include.store.objects import ObjectStore

_MONTHS = 12


@dataclass(frozen=True)
class LandingZone:
    """Where files arrive, and where dataset versions are kept."""

    store: ObjectStore
    arrivals: str
    root: str


@dataclass(frozen=True)
class _Arrived:
    source: DatasetSource
    file: CsvFile


def acquire(spec: Spec, partition: str, zone: LandingZone) -> tuple[DatasetVersion, Rows]:
    """Return the dataset version of a partition and its rows; nothing is written yet.

    For monthly data, ``data.history`` says how many months are used together. Earlier months that
    have not arrived are left out, and the description names them.

    Raises:
        BadInput: the partition's name is malformed, its file has not arrived, or a file is no
            proper CSV.
        StoreUnavailable: the store did not answer.
    """
    wanted = partitions(spec, partition)
    arrived, absent = [], []
    for name in wanted:
        try:
            arrived.append(_read(spec, name, zone))
        except ObjectMissing as error:
            if name == partition:
                remedy = "Wait for the file, or name a partition that has arrived"
                what = f"the partition {name} of {spec.model} has not arrived"
                raise BadInput(what, where=error.where, value=name, remedy=remedy) from error
            absent.append(name)
    rows = _rows(arrived, spec)
    dataset = describe(rows, spec, zone.root, tuple(one.source for one in arrived))
    return dataset.model_copy(update={"absent": tuple(absent)}), rows


def partitions(spec: Spec, partition: str) -> tuple[str, ...]:
    """Return the partitions that a run on ``partition`` uses, oldest first, its own last."""
    if spec.data.partitioning is Partitioning.NAMED:
        if not NAME.fullmatch(partition):
            _refuse(partition, "Use letters, digits, '_', '.' and '-'")
        return (partition,)
    if not MONTH.fullmatch(partition):
        _refuse(partition, "Write a month as 2011-07")
    months = int(partition[:4]) * _MONTHS + int(partition[5:]) - 1
    earliest = months - spec.data.history + 1
    counted = (divmod(month, _MONTHS) for month in range(earliest, months + 1))
    return tuple(f"{year:04d}-{month + 1:02d}" for year, month in counted)


def uri_of(spec: Spec, partition: str, arrivals: str) -> str:
    """Return where the file of a partition arrives."""
    pattern = spec.data.source.uri.replace("{arrivals}", arrivals.rstrip("/"))
    return pattern.replace("{partition}", partition)


def _refuse(partition: str, remedy: str) -> None:
    raise BadInput("malformed partition", where="partition", value=partition, remedy=remedy)


def _read(spec: Spec, partition: str, zone: LandingZone) -> _Arrived:
    uri = uri_of(spec, partition, zone.arrivals)
    data = zone.store.read(uri)
    file = csv_file.read(data, uri)
    source = DatasetSource(
        partition=partition,
        uri=uri,
        sha256=digest.of_bytes(data),
        size=len(data),
        rows=len(file.rows),
        columns=file.header,
    )
    return _Arrived(source, file)


def _rows(arrived: list[_Arrived], spec: Spec) -> Rows:
    """Put files one below the other; a column that a file lacks is None in its rows."""
    names = tuple(dict.fromkeys(name for one in arrived for name in one.file.header))
    cells: list[tuple[str | None, ...]] = []
    for one in arrived:
        places = {name: place for place, name in enumerate(one.file.header)}
        order = [places.get(name) for name in names]
        if order == list(range(len(names))):
            cells.extend(row.cells for row in one.file.rows)
        else:
            cells.extend(
                tuple(None if i is None else row.cells[i] for i in order) for row in one.file.rows
            )
    return Rows(
        names=names,
        keys=row_key.stamp(names, cells, spec.data.row_key),
        partitions=tuple(one.source.partition for one in arrived for _ in one.file.rows),
        lines=tuple(row.line for one in arrived for row in one.file.rows),
        raws=tuple(row.raw for one in arrived for row in one.file.rows),
        cells=tuple(cells),
    )
