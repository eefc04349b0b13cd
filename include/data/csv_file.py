"""Reading an arrived CSV file, strictly: what is not plainly right is refused with its place.

Every cell stays text. Types are the contract's business; here it is only about whether the file is
a table at all.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

RESERVED = "_"
_BOM = b"\xef\xbb\xbf"
_CELL_LIMIT = 1 << 20


@dataclass(frozen=True)
class CsvRow:
    """One record: its cells, the text it was made of, and the line it begins on (from 1)."""

    cells: tuple[str, ...]
    raw: str
    line: int


@dataclass(frozen=True)
class CsvFile:
    """A header and the records below it, all of the header's width."""

    header: tuple[str, ...]
    rows: tuple[CsvRow, ...]


class _Lines:
    """Hands lines to the CSV reader and remembers what one record was made of."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")  # ends lines at CR, LF and CRLF alone
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.taken.append(line)
            self.number += 1
            yield line

    def record(self) -> tuple[str, int]:
        """Return text and first line of the record just read."""
        raw, first = "".join(self.taken), self.number - len(self.taken) + 1
        self.taken.clear()
        return raw.rstrip("\r\n"), first


def read(data: bytes, where: str) -> CsvFile:
    """Return the table in ``data``.

    Args:
        data: The file's bytes; a byte order mark is accepted.
        where: URI that errors name.

    Raises:
        BadInput: empty, not UTF-8, NUL bytes, a header alone, a repeated, empty or reserved column
            name, a row of another width, or broken quoting. It names file and line (or byte).
    """
    lines = _Lines(_decoded(data, where))
    reader = csv.reader(iter(lines), strict=True)
    csv.field_size_limit(_CELL_LIMIT)
    header: tuple[str, ...] = ()
    rows: list[CsvRow] = []
    try:
        for cells in reader:
            raw, line = lines.record()
            if not header:
                header = _header(cells, f"{where}:{line}")
            elif cells:
                rows.append(_row(cells, raw, line, (header, where)))
    except csv.Error as error:
        remedy = "Check the quotes; a quote inside quotes is written twice"
        raise BadInput(
            f"broken CSV: {error}", where=f"{where}:{lines.number}", remedy=remedy
        ) from error
    if not rows:
        remedy = "Send the file again, with its rows"
        raise BadInput("the file has a header and no rows", where=where, remedy=remedy)
    return CsvFile(header, tuple(rows))


def _decoded(data: bytes, where: str) -> str:
    if not data.removeprefix(_BOM).strip():
        remedy = "Send the file again; the transfer may have been cut"
        raise BadInput("the file is empty", where=where, value=f"{len(data)} bytes", remedy=remedy)
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        remedy = "Send it as UTF-8 text (NUL bytes suggest UTF-16, or a damaged file)"
        raise BadInput(
            "the file has a NUL byte", where=f"{where}:{line}", value=f"byte {nul}", remedy=remedy
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The decoder counts from behind the byte order mark; people count from the file's start.
        offset = error.start + (len(_BOM) if data.startswith(_BOM) else 0)
        line = data.count(b"\n", 0, offset) + 1
        value = f"byte 0x{data[offset]:02x} at offset {offset}"
        remedy = "Save the file as UTF-8"
        raise BadInput(
            "the file is not UTF-8", where=f"{where}:{line}", value=value, remedy=remedy
        ) from error


def _header(cells: list[str], where: str) -> tuple[str, ...]:
    names = tuple(cell.strip() for cell in cells)
    repeated = sorted(name for name, count in Counter(names).items() if count > 1 and name)
    if repeated:
        remedy = "Give every column its own name"
        raise BadInput("a column name is repeated", where=where, value=repeated, remedy=remedy)
    if not all(names):
        value = f"column {names.index('') + 1}"
        raise BadInput("a column has no name", where=where, value=value, remedy="Name every column")
    reserved = [name for name in names if name.startswith(RESERVED)]
    if reserved:
        remedy = "Names that begin with an underscore are ours; rename the column"
        raise BadInput("a column name is reserved", where=where, value=reserved[0], remedy=remedy)
    return names


def _row(cells: list[str], raw: str, line: int, table: tuple[tuple[str, ...], str]) -> CsvRow:
    header, where = table
    if len(cells) != len(header):
        what = f"a row has {len(cells)} cells, the header has {len(header)}"
        remedy = "Quote cells that hold a comma; send every row whole"
        raise BadInput(what, where=f"{where}:{line}", value=raw[:80], remedy=remedy)
    return CsvRow(tuple(cells), raw, line)
