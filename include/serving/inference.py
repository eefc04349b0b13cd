"""Requests of the Open Inference Protocol (V2) and of the V1 protocol as columns, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.serving.features import Batch, NamedColumn, check, check_names, shown
from include.spec.model import ColumnType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.serving.features import FeatureContract
    from include.spec.model import Column

_WHOLE = frozenset({"INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"})
DATATYPES = {
    ColumnType.INTEGER: _WHOLE,
    ColumnType.NUMBER: _WHOLE | {"FP16", "FP32", "FP64"},
    ColumnType.BOOLEAN: frozenset({"BOOL"}),
    ColumnType.CATEGORY: frozenset({"BYTES"}),
}
PREFERRED = {
    ColumnType.INTEGER: "INT64",
    ColumnType.NUMBER: "FP64",
    ColumnType.BOOLEAN: "BOOL",
    ColumnType.CATEGORY: "BYTES",
}


@dataclass(frozen=True)
class Tensor:
    """One named input of a V2 request."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    data: Sequence[object]


def from_tensors(contract: FeatureContract, tensors: tuple[Tensor, ...]) -> Batch:
    """Return the rows of a V2 request: one input of shape [n] or [n, 1] a column.

    Raises:
        BadInput: the inputs do not keep the contract; the error names the column.
    """
    columns = {rule.column.name: rule.column for rule in contract.features}
    for tensor in tensors:
        if tensor.name in columns:
            _check_tensor(columns[tensor.name], tensor)
    return check(contract, tuple(NamedColumn(tensor.name, _flat(tensor)) for tensor in tensors))


def from_instances(contract: FeatureContract, instances: object) -> Batch:
    """Return the rows of a V1 request: a list of objects, one a row.

    A nullable column may be left out of any row.

    Raises:
        BadInput: the rows do not keep the contract; the error names the column.
    """
    remedy = 'Send {"instances": [{"column": value, …}, …]}'
    if not isinstance(instances, list):
        raise BadInput("`instances` is not a list", remedy=remedy)
    rows = [row for row in instances if isinstance(row, dict)]
    if len(rows) != len(instances):
        raise BadInput("a row is not an object", remedy=remedy)
    nullable = {rule.column.name for rule in contract.features if rule.column.nullable}
    names = {name: None for row in rows for name in row} | dict.fromkeys(nullable)
    if rows:
        check_names(contract, tuple(names))
    for row in rows:
        absent = next((name for name in names if name not in row and name not in nullable), None)
        if absent is not None:
            raise BadInput("a column is missing in a row", where=shown(absent))
    if not rows:
        raise BadInput("the request has no rows", remedy="Send at least one")
    return check(
        contract, tuple(NamedColumn(name, tuple(row.get(name) for row in rows)) for name in names)
    )


def _flat(tensor: Tensor) -> tuple[object, ...]:
    """Return the cells of a tensor; those of shape [n, 1] may be lists of one."""
    cells = tuple(tensor.data)
    if len(tensor.shape) == 1:
        return cells
    return tuple(cell[0] if isinstance(cell, list) and len(cell) == 1 else cell for cell in cells)


def _check_tensor(column: Column, tensor: Tensor) -> None:
    able = DATATYPES[column.type]
    if tensor.datatype not in able:
        remedy = f"Send {PREFERRED[column.type]}"
        raise BadInput(
            "wrong datatype", where=column.name, value=shown(tensor.datatype), remedy=remedy
        )
    length = len(tensor.data)
    if tuple(tensor.shape) not in {(length,), (length, 1)}:
        raise BadInput(
            f"the shape does not fit the {length} value(s)",
            where=column.name,
            value=shown(list(tensor.shape)),
            remedy=f"Send [{length}]",
        )
