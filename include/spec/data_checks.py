"""Cross checks of the data contract; each yields what it finds."""

from __future__ import annotations

import string
from collections import Counter
from typing import TYPE_CHECKING

from include.spec.problems import Finding, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.spec.view import Part, View

_NUMERIC = ("integer", "number", "boolean")
_TARGETS = {
    "classification": ("boolean", "category", "integer"),
    "regression": ("integer", "number"),
}
_PLACEHOLDERS = ("arrivals", "partition")
_BINARY = 2


def one_target(view: View) -> Iterator[Finding]:
    """There is exactly one target."""
    targets = view.with_role("target")
    if not targets and view.columns:
        yield Finding(("data", "columns"), "no column has the role target")
    for extra in targets[1:]:
        what = f"a second target: {targets[0].text('name')!r} is one already"
        yield Finding((*extra.steps, "role"), what, extra.text("name"))


def target_fits_task(view: View) -> Iterator[Finding]:
    """The type of the target is one that the task can predict."""
    task = view.root.text("task")
    for target in view.with_role("target"):
        kind = target.text("type")
        fitting = _TARGETS.get(task, ())
        if fitting and kind and kind not in fitting:
            what = f"the target of a {task} is {' or '.join(fitting)}"
            yield Finding((*target.steps, "type"), what, kind)
        allowed = len(list(target.at("allowed").items()))
        if task == "classification" and allowed not in {0, _BINARY}:
            yield Finding((*target.steps, "allowed"), "a classification has two classes", allowed)


def features_are_there(view: View) -> Iterator[Finding]:
    """There is a feature, and each is known when a prediction is asked for."""
    features = view.with_role("feature")
    if not features and view.columns:
        yield Finding(("data", "columns"), "no column has the role feature")
    for column in features:
        known = column.text("available_at")
        name = column.text("name")
        if known in {"decision", "later"}:
            when = "when the outcome is decided" if known == "decision" else "after the outcome"
            what = f"column {name!r} leaks: its value is known only {when}, it cannot be a feature"
            yield Finding((*column.steps, "role"), what, f"available_at: {known}")
        if column.text("type") == "date":
            what = f"column {name!r} is a date, which is no feature by itself: give its parts"
            yield Finding((*column.steps, "role"), what, "feature")


def names_differ(view: View) -> Iterator[Finding]:
    """No two columns share a name, and none has a name of ours (with an underscore in front)."""
    seen: Counter[str] = Counter()
    for column in view.columns:
        name = column.text("name")
        seen[name] += 1
        if name and seen[name] > 1:
            yield Finding((*column.steps, "name"), "a column of this name was given before", name)
        if column.has("name") and (not name or name != name.strip() or name.startswith("_")):
            what = "not a name of a column: empty, spaces at an end, or an underscore in front"
            yield Finding((*column.steps, "name"), what, column.at("name").value)


def named_columns_exist(view: View) -> Iterator[Finding]:
    """Row key and expectations name columns of the contract."""
    names = view.column_names
    references = list(view.root.at("data", "row_key").items())
    references += [e.at("column") for e in view.root.at("data", "expectations").items()]
    for part in references:
        if isinstance(part.value, str) and part.value not in names:
            what = "no such column"
            yield Finding(part.steps, what, part.value, nearest(part.value, names))


def expectations_say_something(view: View) -> Iterator[Finding]:
    """An expectation has a limit, the right way round, on a column that has the statistic."""
    types = {column.text("name"): column.text("type") for column in view.columns}
    for expectation in view.root.at("data", "expectations").items():
        if not (expectation.has("minimum") or expectation.has("maximum")):
            yield Finding(expectation.steps, "needs a minimum, a maximum or both")
        yield from _ordered(expectation)
        kind = types.get(expectation.text("column"), "")
        statistic = expectation.text("statistic")
        if statistic in {"mean", "median", "stdev"} and kind and kind not in _NUMERIC:
            what = f"a {kind} column has no {statistic}"
            yield Finding((*expectation.steps, "statistic"), what, expectation.text("column"))


def limits_fit_types(view: View) -> Iterator[Finding]:
    """Limits stand the right way round, on numbers; allowed values are of the column's type."""
    for column in view.columns:
        kind = column.text("type")
        for limit in ("minimum", "maximum"):
            if column.has(limit) and kind in {"category", "boolean", "date"}:
                what = f"a {kind} column has no {limit}"
                yield Finding((*column.steps, limit), what, column.at(limit).value)
        yield from _ordered(column)
        for value in column.at("allowed").items():
            if not _is_of_type(value.value, kind):
                yield Finding(value.steps, f"not a value of a {kind} column", value.value)


def arrivals_are_named(view: View) -> Iterator[Finding]:
    """The URI tells partitions apart, and a named batch has a default."""
    data = view.root.at("data")
    yield from _placeholders(data.at("source", "uri"))
    default = data.text("default_partition")
    if data.text("partitioning") == "named" and not default:
        what = "named batches need a default_partition"
        yield Finding((*data.steps, "default_partition"), what)
    if data.text("partitioning") == "monthly" and default:
        what = "monthly data takes the partition of the run, it has no default"
        yield Finding((*data.steps, "default_partition"), what, default)


def _placeholders(uri: Part) -> Iterator[Finding]:
    if not isinstance(uri.value, str):
        return
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(uri.value) if name is not None]
    except ValueError as error:
        yield Finding(uri.steps, str(error), uri.value)
        return
    for name in names:
        if name not in _PLACEHOLDERS:
            what = f"no such placeholder {{{name}}}"
            yield Finding(uri.steps, what, uri.value, nearest(name, _PLACEHOLDERS))
    if "partition" not in names:
        yield Finding(uri.steps, "needs {partition}, or every batch is the same file", uri.value)


def _ordered(part: Part) -> Iterator[Finding]:
    low, high = part.number("minimum"), part.number("maximum")
    if low is not None and high is not None and low > high:
        what = f"the minimum is above the maximum ({high:g})"
        yield Finding((*part.steps, "minimum"), what, low)


def _is_of_type(value: object, kind: str) -> bool:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return {
        "integer": is_integer,
        "number": is_integer or isinstance(value, float),
        "boolean": isinstance(value, bool) or (is_integer and value in {0, 1}),
        "date": isinstance(value, str),
        # YAML reads an unquoted yes or no as a truth value, which no category has.
        "category": not isinstance(value, bool),
    }.get(kind, True)


CHECKS = (
    one_target,
    target_fits_task,
    features_are_there,
    names_differ,
    named_columns_exist,
    expectations_say_something,
    limits_fit_types,
    arrivals_are_named,
)
