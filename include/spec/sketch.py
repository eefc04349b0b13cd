"""The first draft of a spec: what a file shows is filled in, what only a person knows is not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.spec.survey import Survey, Surveyed

DECIDE = "# decide"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_READ_OTHERWISE = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_MOST_ALLOWED = 20
_BINARY = 2


def sketch(model: str, seen: Survey, shared: tuple[str, ...]) -> str:
    """Return the text of ``<model>.yaml``.

    Args:
        model: Name of the model.
        seen: What was seen of the data.
        shared: Entries for the defaults list, such as ``defaults/alerts@alerts``.

    Raises:
        BadInput: the target has one value, or is text with more than two.
    """
    task = _task(seen.target)
    columns = [line for column in seen.columns for line in _column(column, seen, task)]
    lines = [*_head(model, task, shared), *_data(model, seen), *columns, *_tail(model, seen, task)]
    return "\n".join(lines) + "\n"


def _task(target: Surveyed) -> str:
    if len(target.distinct) < _BINARY:
        raise BadInput("the target has one value only", where=target.name)
    if len(target.distinct) == _BINARY:
        return "classification"
    if target.type in {"integer", "number"}:
        return "regression"
    values = f"{len(target.distinct)} values"
    raise BadInput("a classification has two classes", where=target.name, value=values)


def _head(model: str, task: str, shared: tuple[str, ...]) -> Iterator[str]:
    yield "# yaml-language-server: $schema=../../docs/reference/spec.schema.json"
    yield f"# A draft. Each `{DECIDE}` is yours: `airworthy spec check {model}` names what is open."
    if shared:
        yield "defaults:"
        yield from (f"  - {entry}" for entry in (*shared, "_self_"))
        yield ""
    yield f"model: {model}"
    yield f"title: {model.replace('_', ' ').capitalize()}"
    yield f"purpose:  {DECIDE}: what it is for, and what it must not be used for"
    yield "owner:"
    yield f"  team:  {DECIDE}"
    yield f"  email:  {DECIDE}"
    yield f"materiality:  {DECIDE}: low, medium or high"
    yield f"task: {task}"
    yield ""


def _data(model: str, seen: Survey) -> Iterator[str]:
    keys = [_quoted(column.name) for column in seen.columns if _role(column, seen)[0] == "key"]
    yield "data:"
    yield "  source:"
    yield f'    uri: "{{arrivals}}/{model}/{{partition}}.csv"'
    yield "  partitioning: named"
    yield "  default_partition: first"
    yield f"  row_key: [{', '.join(keys)}]"
    yield "  columns:"


def _column(column: Surveyed, seen: Survey, task: str) -> Iterator[str]:
    role, why = _role(column, seen)
    yield f"    - name: {_quoted(column.name)}"
    yield f"      type: {_type(column, role, task)}"
    yield f"      role: {role}{f'  # {why}' if why else ''}"
    yield f"      available_at:  {DECIDE}: application, decision or later"
    if column.missing:
        yield f"      nullable: true  # {column.missing} of {column.rows} values are missing"
    if column.words:
        yield f"      # {column.words} cells say NA or the like, which is text: leave them empty"
    if column.type in {"integer", "number"}:
        yield f"      # seen: {column.low:.10g} to {column.high:.10g}"
    elif column.type == "category" and len(column.distinct) <= _MOST_ALLOWED:
        allowed = ", ".join(json.dumps(v, ensure_ascii=False) for v in sorted(column.distinct))
        yield f"      allowed: [{allowed}]"


def _type(column: Surveyed, role: str, task: str) -> str:
    """Return the type; of a class label that is no whole number, category."""
    if role == "target" and task == "classification" and column.type in {"number", "date"}:
        return "category"
    return column.type


def _role(column: Surveyed, seen: Survey) -> tuple[str, str]:
    if column is seen.target:
        return "target", ""
    if column.name in seen.twins:
        return "excluded", "it holds the target under another name"
    if len(column.distinct) < _BINARY:
        return "excluded", "it has one value"
    if column.type == "date":
        first = next(c for c in seen.columns if c.type == "date" and len(c.distinct) >= _BINARY)
        return ("time", "") if column is first else ("excluded", "a date is no feature by itself")
    if column.is_key:
        return "key", "it counts the rows"
    if column.type == "category" and column.has_many_values:
        return "excluded", "too many different values"
    return "feature", "protected, if the law says so" if not column.is_number else ""


def _tail(model: str, seen: Survey, task: str) -> Iterator[str]:
    dated = any(_role(column, seen)[0] == "time" for column in seen.columns)
    is_classification = task == "classification"
    metrics = "auc, log_loss, brier, accuracy" if is_classification else "rmse, mae, r2"
    gate = ("auc", "0.6") if is_classification else ("r2", "0.0")
    yield ""
    yield "split:"
    yield f"  kind: {'time' if dated else 'hash'}"
    yield ""
    yield "training:"
    linear = "logistic" if is_classification else "ridge"
    yield f"  candidates: [{linear}, forest, svm, xgboost, network]"
    yield ""
    yield "evaluation:"
    yield f"  metrics: [{metrics}]"
    yield ""
    yield "gates:"
    yield f"  - {{name: better_than_nothing, metric: {gate[0]}, at_least: {gate[1]}}}"
    yield ""
    yield "release:"
    yield f"  endpoint: {model}"


def _quoted(name: str) -> str:
    plain = _PLAIN.fullmatch(name) and name.lower() not in _READ_OTHERWISE
    return name if plain else json.dumps(name, ensure_ascii=False)
