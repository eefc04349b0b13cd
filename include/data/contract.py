"""The data contract of a model as JSON Schema (2020-12), one schema for one row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from include.data.types import allowed_values
from include.spec.model import ColumnType

if TYPE_CHECKING:
    from include.data.types import Value
    from include.spec.model import Column, Spec

_TYPES = {
    ColumnType.INTEGER: "integer",
    ColumnType.NUMBER: "number",
    ColumnType.CATEGORY: "string",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "string",
}
Schema = dict[str, object]


def row_schema(spec: Spec) -> str:
    """Return the JSON Schema that every row of the model's data has to satisfy, as JSON text."""
    schema: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A row of {spec.model}",
        "type": "object",
        "properties": {column.name: _property(column) for column in spec.data.columns},
        "required": [column.name for column in spec.data.columns],
        "additionalProperties": False,
    }
    return json.dumps(schema, indent=1, ensure_ascii=False)


def _property(column: Column) -> Schema:
    kind = _TYPES[column.type]
    schema: Schema = {"type": [kind, "null"] if column.nullable else kind}
    if column.description:
        schema["description"] = column.description
    if column.type is ColumnType.DATE:
        schema["format"] = "date"
    if column.minimum is not None:
        schema["minimum"] = column.minimum
    if column.maximum is not None:
        schema["maximum"] = column.maximum
    if column.allowed:
        values: list[Value] = list(allowed_values(column))
        schema["enum"] = [*values, None] if column.nullable else values
    return schema
