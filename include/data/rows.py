"""The rows of a dataset version as they arrived: text cells, each row with its key and origin."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY, PARTITION, LINE, RAW = "_row_key", "_partition", "_line", "_raw"
Cells = tuple[str | None, ...]


@dataclass(frozen=True)
class Rows:
    """A table of text; the five sequences of rows are of one length.

    Attributes:
        names: Column names, in file order.
        keys: Row key of each row; no two are equal.
        partitions: Partition that each row came with.
        lines: Line of the partition's file that each row begins on.
        raws: Text that each row was made of.
        cells: Cells of each row, in the order of ``names``; None where its file lacks the column.
    """

    names: tuple[str, ...]
    keys: tuple[str, ...]
    partitions: tuple[str, ...]
    lines: tuple[int, ...]
    raws: tuple[str, ...]
    cells: tuple[Cells, ...]

    def __len__(self) -> int:
        return len(self.keys)

    def column(self, name: str) -> tuple[str | None, ...]:
        """Return the cells of one column."""
        place = self.names.index(name)
        return tuple(row[place] for row in self.cells)

    def take(self, places: Sequence[int]) -> Rows:
        """Return the rows at ``places``, in that order."""
        return replace(
            self,
            keys=tuple(self.keys[i] for i in places),
            partitions=tuple(self.partitions[i] for i in places),
            lines=tuple(self.lines[i] for i in places),
            raws=tuple(self.raws[i] for i in places),
            cells=tuple(self.cells[i] for i in places),
        )

    def digests(self) -> list[bytes]:
        """Return the SHA-256 of each row: of its key and its cells."""
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        pairs = zip(self.keys, self.cells, strict=True)
        return [sha256(encode((key, cells)).encode()).digest() for key, cells in pairs]

    def content_digest(self) -> str:
        """Return the digest over column names and rows, in their order."""
        hasher = sha256(json.dumps(self.names).encode())
        for one in self.digests():
            hasher.update(one)
        return hasher.hexdigest()

    def hash_sum(self) -> int:
        """Return the sum of the rows' digests: equal for equal rows in whatever order."""
        return sum(int.from_bytes(one) for one in self.digests()) % (1 << 256)


def to_parquet(rows: Rows) -> bytes:
    """Return rows as a Parquet file: equal rows give equal bytes (with one release of pyarrow)."""
    columns: dict[str, pa.Array] = {
        KEY: pa.array(rows.keys, pa.string()),
        PARTITION: pa.array(rows.partitions, pa.string()),
        LINE: pa.array(rows.lines, pa.int32()),
        RAW: pa.array(rows.raws, pa.string()),
    }
    for place, name in enumerate(rows.names):
        columns[name] = pa.array([row[place] for row in rows.cells], pa.string())
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd")
    return buffer.getvalue()


def from_parquet(data: bytes, where: str) -> Rows:
    """Return the rows in a Parquet file; ``BadInput`` where it is none of ours."""
    try:
        table = pq.read_table(io.BytesIO(data))
        head = [tuple(table.column(name).to_pylist()) for name in (KEY, PARTITION, LINE, RAW)]
    except (pa.ArrowException, KeyError) as error:
        raise BadInput("these are no rows of a dataset version", where=where) from error
    names = tuple(n for n in table.column_names if n not in {KEY, PARTITION, LINE, RAW})
    cells = tuple(zip(*(table.column(name).to_pylist() for name in names), strict=True))
    return Rows(names, head[0], head[1], head[2], head[3], cells)
