"""Selectors of series as PromQL writes them: a name and matchers of labels, nothing around it.

A counter is read as it was scraped. With a function around it, it would be an estimate: PromQL's
``increase`` extrapolates to the ends of its window and answers 4.2 errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from include.errors import BadInput

if TYPE_CHECKING:
    from include.serving.prometheus.phases import Arm, Phase
    from include.serving.prometheus.series import Labels

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_MATCHER = r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*'
_WHOLE = re.compile(rf"\s*({_NAME})\s*(?:\{{((?:{_MATCHER},?)*)\}})?\s*", re.DOTALL)
_ONE = re.compile(_MATCHER, re.DOTALL)
_VARIABLE = re.compile(r"\$([a-z]+)")
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")
VARIABLES = ("endpoint", "model", "namespace", "variant", "version", "service")


@dataclass(frozen=True)
class Matcher:
    """One condition on a label; ``value`` is a pattern for ``=~`` and ``!~``."""

    label: str
    operator: str
    value: str

    @property
    def is_pattern(self) -> bool:
        """Whether the value is a regular expression."""
        return self.operator in {"=~", "!~"}

    def matches(self, value: str) -> bool:
        """Say whether a label's value meets it; a missing label is the empty value."""
        if self.is_pattern:
            equal = re.fullmatch(self.value, value, re.DOTALL) is not None
        else:
            equal = self.value == value
        return equal is (self.operator in {"=", "=~"})


@dataclass(frozen=True)
class Selector:
    """A metric's name, and what its labels have to be."""

    metric: str
    matchers: tuple[Matcher, ...] = ()

    def __str__(self) -> str:
        """Return it as PromQL."""
        inner = ",".join(f'{m.label}{m.operator}"{_escaped(m.value)}"' for m in self.matchers)
        return f"{self.metric}{{{inner}}}"

    def filled(self, phase: Phase, arm: Arm) -> Selector:
        """Return it with the variables of one variant filled in."""
        known = {
            "endpoint": phase.endpoint,
            "model": phase.model or phase.endpoint,
            "namespace": phase.namespace,
            "variant": arm.variant,
            "version": arm.version,
            "service": arm.service,
        }
        return replace(self, matchers=tuple(_filled(one, known) for one in self.matchers))

    def with_matchers(self, more: tuple[Matcher, ...]) -> Selector:
        """Return it with further conditions."""
        return replace(self, matchers=(*self.matchers, *more))

    def matches(self, metric: str, labels: Labels) -> bool:
        """Say whether a series is selected."""
        values = dict(labels)
        return metric == self.metric and all(
            one.matches(values.get(one.label, "")) for one in self.matchers
        )


def parse(text: str) -> Selector:
    """Return what a text selects.

    Raises:
        BadInput: it is no plain selector, or names a variable that nobody fills in.
    """
    match = _WHOLE.fullmatch(text)
    if match is None:
        raise BadInput(
            "this is no plain selector",
            where="evidence.templates",
            value=text,
            remedy='Write metric{label="value"}, without functions, ranges and operators',
        )
    return Selector(match[1], matchers(match[2] or ""))


def matchers(text: str) -> tuple[Matcher, ...]:
    """Return the conditions of ``a="x",b=~"y"``.

    Raises:
        BadInput: it is something else, or names a variable that nobody fills in.
    """
    rest = _ONE.sub("", text).replace(",", "").strip()
    found = tuple(
        Matcher(label, operator, _unescaped(value)) for label, operator, value in _ONE.findall(text)
    )
    unknown = {name for one in found for name in _VARIABLE.findall(one.value)} - {*VARIABLES}
    if rest or unknown:
        raise BadInput(
            "these are no matchers" if rest else f"nobody fills in ${min(unknown)}",
            where="evidence.templates",
            value=text,
            remedy=f"Known variables: {', '.join(f'${name}' for name in VARIABLES)}",
        )
    for one in found:
        _check_pattern(one)
    return found


def _check_pattern(matcher: Matcher) -> None:
    if not matcher.is_pattern:
        return
    try:
        re.compile(_VARIABLE.sub("x", matcher.value))
    except re.error as error:
        raise BadInput(
            f"the pattern of {matcher.label} is none: {error}",
            where="evidence.templates",
            value=matcher.value,
        ) from error


def _filled(matcher: Matcher, known: dict[str, str]) -> Matcher:
    def value(match: re.Match[str]) -> str:
        text = known[match[1]]
        return _META.sub(r"\\\g<0>", text) if matcher.is_pattern else text

    return replace(matcher, value=_VARIABLE.sub(value, matcher.value))


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _unescaped(value: str) -> str:
    return re.sub(
        r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), value, flags=re.DOTALL
    )
