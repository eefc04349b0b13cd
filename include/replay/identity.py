"""What makes two rows the same application: all that is known when a prediction is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include import digest
from include.data.types import converter
from include.spec.model import Availability, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.data.csv_file import CsvFile
    from include.spec.model import Spec


def identities(file: CsvFile, spec: Spec) -> Iterator[str]:
    """Yield the identity of each row: the SHA-256 of its values that were known beforehand.

    Outcomes are left out: a row that arrived with a wrong label is that row all the same. Values
    are compared, not their spelling, so that ``1`` and ``1.0`` are one. A column that the file
    lacks is a missing value.
    """
    known = [
        column
        for column in spec.data.columns
        if column.available_at is Availability.APPLICATION and column.role is not Role.TARGET
    ]
    places = {name: place for place, name in enumerate(file.header)}
    convert = [(column.name, places.get(column.name), converter(column)) for column in known]
    for row in file.rows:
        values = [
            (name, value(None if place is None else row.cells[place]))
            for name, place, value in convert
        ]
        yield digest.of_json(values)
