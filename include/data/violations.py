"""Rules about single rows: the contract's JSON Schema on each of them, and their keys."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import jsonschema_rs

from include.data import row_key
from include.data.contract import row_schema
from include.data.report import Finding, Kind, RuleCount, Violation
from include.data.types import converter
from include.spec.model import ColumnType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.data.rows import Rows
    from include.data.types import Value
    from include.spec.model import Column, Spec

_KINDS = {
    "type": Kind.TYPE,
    "format": Kind.TYPE,
    "enum": Kind.UNKNOWN_CATEGORY,
    "minimum": Kind.RANGE,
    "maximum": Kind.RANGE,
}
_ORDER = ("type", "format", "enum", "minimum", "maximum")
_SHOWN = 80


def typed(rows: Rows, spec: Spec) -> dict[str, list[Value]]:
    """Return the columns of the contract as values; a text that is no value stays text."""
    known = set(rows.names)
    columns = [column for column in spec.data.columns if column.name in known]
    return {column.name: [*map(converter(column), rows.column(column.name))] for column in columns}


def check(rows: Rows, values: dict[str, list[Value]], spec: Spec) -> tuple[Violation, ...]:
    """Return every violation of the contract, in the order of rows, one for each row and column.

    Args:
        rows: Rows whose columns are those of the contract.
        values: Their values, from ``typed``.
        spec: The model's spec.
    """
    validator = jsonschema_rs.validator_for(row_schema(spec), validate_formats=True)
    by_name = {column.name: column for column in spec.data.columns}
    names = tuple(values)
    found: list[Violation] = []
    for key, row in zip(rows.keys, zip(*values.values(), strict=True), strict=True):
        instance = dict(zip(names, row, strict=True))
        if validator.is_valid(instance):
            continue
        broken: dict[str, str] = {}
        for error in validator.iter_errors(instance):
            name, keyword = str(error.instance_path[0]), str(error.schema_path[-1])
            broken[name] = min(broken.get(name, keyword), keyword, key=_ORDER.index)
        found.extend(
            _violation(key, column, broken[name], instance[name])
            for name, column in by_name.items()
            if name in broken
        )
    return tuple(found)


def repeated(rows: Rows, spec: Spec) -> tuple[Violation, ...]:
    """Return a violation for each row whose declared key an earlier row has.

    Rows known by their content alone are no violation when they repeat: nobody said that they
    stand for different things.
    """
    if not spec.data.row_key:
        return ()
    column = "|".join(spec.data.row_key)
    first: dict[str, int] = {}
    found = []
    for place, key in enumerate(rows.keys):
        known = row_key.base(key)
        if first.setdefault(known, place) != place:
            origin = f"{rows.partitions[first[known]]} line {rows.lines[first[known]]}"
            reason = f"the key {known} was there before ({origin})"
            rule = f"{column}.unique"
            found.append(
                Violation(
                    row_key=key,
                    rule=rule,
                    kind=Kind.DUPLICATE,
                    column=column,
                    value=known,
                    reason=reason,
                )
            )
    return tuple(found)


def useless_columns(values: dict[str, list[Value]], spec: Spec) -> tuple[Finding, ...]:
    """Return a finding for each column that is wholly missing, or wholly of another type."""
    found = []
    for column in spec.data.columns:
        present = [value for value in values[column.name] if value is not None]
        if not present and not column.nullable:
            message = f"column `{column.name}` has no value at all; send it again with its values"
            found.append(Finding(kind=Kind.COMPLETENESS, column=column.name, message=message))
        elif present and all(isinstance(value, str) for value in present) and _typed(column):
            message = (
                f"no value of column `{column.name}` is of type {column.type.value} "
                f"(for example {_shown(present[0])}); send it as the contract says"
            )
            found.append(Finding(kind=Kind.TYPE, column=column.name, message=message))
    return tuple(found)


def summary(violations: Sequence[Violation]) -> tuple[RuleCount, ...]:
    """Return how many rows break each rule, most rows first."""
    counts = Counter(violation.rule for violation in violations)
    first = {violation.rule: violation for violation in reversed(violations)}
    return tuple(
        RuleCount(
            rule=rule,
            kind=first[rule].kind,
            column=first[rule].column,
            rows=count,
            example=first[rule].reason,
        )
        for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _typed(column: Column) -> bool:
    return column.type not in {ColumnType.CATEGORY, ColumnType.DATE}


def _violation(key: str, column: Column, keyword: str, value: Value) -> Violation:
    kind = Kind.COMPLETENESS if value is None else _KINDS[keyword]
    word = "required" if value is None else "type" if kind is Kind.TYPE else keyword
    shown = f"{value[:_SHOWN]}…" if isinstance(value, str) and len(value) > _SHOWN else value
    return Violation(
        row_key=key,
        rule=f"{column.name}.{word}",
        kind=kind,
        column=column.name,
        value=shown,
        reason=_reason(column, keyword, value),
    )


def _reason(column: Column, keyword: str, value: Value) -> str:
    if value is None:
        return f"`{column.name}` is required and has no value"
    shown = _shown(value)
    if keyword in {"type", "format"}:
        return f"`{column.name}` is {shown}, which is no {column.type.value}"
    if keyword == "enum":
        allowed = ", ".join(str(one) for one in column.allowed[:12])
        return f"`{column.name}` is {shown}, which is not among {allowed}"
    limit = column.minimum if keyword == "minimum" else column.maximum
    side = "below" if keyword == "minimum" else "above"
    return f"`{column.name}` is {shown}, {side} {limit:g}"


def _shown(value: Value) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
