"""Which columns a model may see."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.spec.model import Availability, ColumnType, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.spec.model import Column, Spec


def admissible(spec: Spec, names: Sequence[str] | None = None) -> tuple[Column, ...]:
    """Return the columns asked for (all features of the spec where none are), each checked.

    The compiler of specs refuses leaks first; this is the last door before the data.

    Raises:
        BadInput: an unknown column, one that is not a feature, or one that is not yet known when
            a prediction is asked for.
    """
    wanted = [column.name for column in spec.data.features] if names is None else list(names)
    if not wanted:
        raise BadInput("the model has no feature", where="data.columns", remedy="Give it one")
    by_name = {column.name: column for column in spec.data.columns}
    chosen = []
    for name in wanted:
        if name not in by_name:
            near = difflib.get_close_matches(name, by_name, n=1, cutoff=0.0)[0]
            raise BadInput("no such column", where="data.columns", value=name, remedy=near)
        _check(by_name[name])
        chosen.append(by_name[name])
    return tuple(chosen)


def _check(column: Column) -> None:
    where = f"data.columns.{column.name}"
    if column.available_at is not Availability.APPLICATION:
        raise BadInput(
            "this column leaks: its value is not there when a prediction is asked for",
            where=where,
            value=f"available_at: {column.available_at.value}",
            remedy="Leave it out of the features",
        )
    if column.role is not Role.FEATURE:
        raise BadInput(
            "this column is not a feature",
            where=where,
            value=f"role: {column.role.value}",
            remedy="Protected and other columns never reach a model",
        )
    if column.type is ColumnType.DATE:
        raise BadInput(
            "a date is no feature by itself",
            where=where,
            remedy="Give its parts (month, hour …) as columns",
        )
