"""Checks of gates and of what they look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.spec.gates import GateKind
from include.spec.problems import Finding, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.spec.view import Part, View

_LIMITS = ("at_least", "at_most", "margin")
_NEEDED = {
    GateKind.CHAMPION: "margin",
    GateKind.FAIRNESS: "at_least",
    GateKind.CALIBRATION: "at_most",
    GateKind.LATENCY: "at_most",
    GateKind.SIZE: "at_most",
}
_OF_METRICS = frozenset({GateKind.ABSOLUTE, GateKind.CHAMPION})


def gates_can_be_judged(view: View) -> Iterator[Finding]:
    """Each gate has the limit of its kind and looks at something that is measured."""
    seen: set[str] = set()
    for gate in view.root.at("gates").items():
        yield from _limits(gate)
        yield from _subject(view, gate)
        name = gate.text("name")
        if name and name in seen:
            yield Finding((*gate.steps, "name"), "a gate of this name was given before", name)
        seen.add(name)
    if view.root.at("gates").value == []:
        yield Finding(("gates",), "needs a gate: nothing is registered without a rule")


def slices_are_columns(view: View) -> Iterator[Finding]:
    """Slices and intersections name columns that are there; intersections protected ones."""
    names = view.column_names
    for part in view.root.at("evaluation", "slices").items():
        if isinstance(part.value, str) and part.value not in names:
            what = "no such column"
            yield Finding(part.steps, what, part.value, nearest(part.value, names))
    protected = tuple(column.text("name") for column in view.with_role("protected"))
    for crossed in view.root.at("evaluation", "fairness", "intersections").items():
        for part in crossed.items():
            if isinstance(part.value, str) and part.value not in protected:
                what = "no such protected column"
                yield Finding(part.steps, what, part.value, nearest(part.value, protected))


def _kind(gate: Part) -> GateKind | None:
    given = gate.text("kind") or GateKind.ABSOLUTE.value
    return GateKind(given) if given in set(GateKind) else None


def _limits(gate: Part) -> Iterator[Finding]:
    kind = _kind(gate)
    given = {limit for limit in _LIMITS if gate.has(limit)}
    if kind is GateKind.ABSOLUTE and (len(given) != 1 or "margin" in given):
        yield Finding(gate.steps, "needs exactly one of at_least and at_most")
    elif kind is GateKind.LEAK and given:
        yield Finding(gate.steps, "a leak has no limit", ", ".join(sorted(given)))
    elif kind in _NEEDED and given != {_NEEDED[kind]}:
        yield Finding(gate.steps, f"a gate of kind {kind.value} needs {_NEEDED[kind]} alone")


def _subject(view: View, gate: Part) -> Iterator[Finding]:
    kind, metric = _kind(gate), gate.text("metric")
    metrics = view.root.at("evaluation", "metrics").texts()
    if kind in _OF_METRICS and not metric:
        yield Finding(gate.steps, "needs a metric")
    elif metric and metric not in metrics:
        what = "this metric is not in evaluation.metrics"
        yield Finding((*gate.steps, "metric"), what, metric, nearest(metric, metrics))
    if kind is not GateKind.FAIRNESS:
        return
    attribute = gate.text("attribute")
    protected = tuple(column.text("name") for column in view.with_role("protected"))
    if attribute not in protected:
        what = "needs a protected column as its attribute"
        yield Finding((*gate.steps, "attribute"), what, attribute, nearest(attribute, protected))
