"""A dataset version: rows that never change, known by the digest of what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from include import digest
from include.data import rows as rows_of
from include.errors import BadInput
from include.spec.base import Strict

if TYPE_CHECKING:
    from include.data.rows import Rows
    from include.spec.model import Spec
    from include.store.objects import ObjectStore

UNDECLARED = "undeclared"
BY_CONTENT = "content"


class DatasetColumn(Strict):
    """One column of the rows."""

    name: str = Field(description="Name in the file.")
    type: str = Field(description="Type that the contract declares, or `undeclared`.")


class DatasetSource(Strict):
    """One file that rows came from."""

    partition: str = Field(description="Partition that the file is.")
    uri: str = Field(description="Where it was read.")
    sha256: str = Field(description="SHA-256 of its bytes.")
    size: int = Field(description="Bytes.")
    rows: int = Field(description="Rows in it.")
    columns: tuple[str, ...] = Field(description="Its header.")


class DatasetVersion(Strict):
    """``dataset.json``: what a dataset version is, and where it came from.

    The digest covers model, columns with their types, key rule and every row with its key, in
    order. It covers neither the moment nor the files: the same rows are the same dataset.
    """

    format: int = Field(default=1, description="Version of this file's format.")
    digest: str = Field(description="Content digest.")
    uri: str = Field(description="Where the rows are (Parquet, every cell as text).")
    model: str = Field(description="Model whose data it is.")
    partitions: tuple[str, ...] = Field(description="Partitions in it, oldest first.")
    absent: tuple[str, ...] = Field(
        default=(), description="Earlier partitions that the history asks for and are not there."
    )
    rows: int = Field(description="Number of rows.")
    columns: tuple[DatasetColumn, ...] = Field(description="Columns, in file order.")
    row_key: tuple[str, ...] = Field(description="Columns of the row key; `content` for none.")
    sources: tuple[DatasetSource, ...] = Field(description="Files that the rows came from.")
    parents: tuple[str, ...] = Field(
        default=(), description="Digests of the dataset versions it was made from."
    )


def describe(
    rows: Rows, spec: Spec, root: str, sources: tuple[DatasetSource, ...]
) -> DatasetVersion:
    """Return the dataset version that ``rows`` are, to be kept below ``root``."""
    types = {column.name: column.type.value for column in spec.data.columns}
    columns = tuple(
        DatasetColumn(name=name, type=types.get(name, UNDECLARED)) for name in rows.names
    )
    row_key = spec.data.row_key or (BY_CONTENT,)
    found = _digest(spec.model, columns, row_key, rows)
    return DatasetVersion(
        digest=found,
        uri=f"{root}/datasets/{found}/rows.parquet",
        model=spec.model,
        partitions=tuple(source.partition for source in sources),
        rows=len(rows),
        columns=columns,
        row_key=row_key,
        sources=sources,
    )


def save(dataset: DatasetVersion, rows: Rows, store: ObjectStore) -> None:
    """Write rows and description, the description last; what is there already stays.

    Rows that were damaged or removed in the store are written again, so that acquiring heals it.
    """
    description = digest.canonical(dataset.model_dump(mode="json"))
    folder = dataset.uri.rpartition("/")[0]
    _write_once(dataset.uri, rows_of.to_parquet(rows), store)
    if not store.exists(f"{folder}/dataset.json"):
        store.write(f"{folder}/dataset.json", description)


def _write_once(uri: str, data: bytes, store: ObjectStore) -> None:
    if not (store.exists(uri) and store.read(uri) == data):
        store.write(uri, data)


def read_rows(dataset: DatasetVersion, store: ObjectStore) -> Rows:
    """Return the rows of a dataset version, checked against its digest.

    Raises:
        ObjectMissing: the rows are not there.
        BadInput: they are not the rows that the description speaks of.
    """
    rows = rows_of.from_parquet(store.read(dataset.uri), dataset.uri)
    found = _digest(dataset.model, dataset.columns, dataset.row_key, rows)
    if found != dataset.digest:
        what = "these are not the rows of this dataset version"
        remedy = "Acquire the data again"
        raise BadInput(what, where=dataset.uri, value=digest.short(found), remedy=remedy)
    return rows


def _digest(
    model: str, columns: tuple[DatasetColumn, ...], row_key: tuple[str, ...], rows: Rows
) -> str:
    schema = [(column.name, column.type) for column in columns]
    return digest.of_json([model, schema, list(row_key), rows.content_digest()])
