"""Which registered version a release takes, and which ones it passes over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Question:
    """What a release knows when it begins.

    Attributes:
        requested: Version that a person asked for; empty for none.
        announced: Versions that the triggering events name; none for a run started by hand.
        registered: Every registered version of the model.
        handled: Versions that a release of another run has begun or ended.
        live: Version that carries the traffic; empty for none.
    """

    requested: str
    announced: tuple[str, ...]
    registered: tuple[str, ...]
    handled: tuple[str, ...]
    live: str


@dataclass(frozen=True)
class Choice:
    """What a release does: ``version`` is empty where there is nothing to do."""

    version: str
    superseded: tuple[str, ...]
    reason: str


def choose(question: Question) -> Choice:
    """Return the version to release.

    A person may release any registered version again, also an older one or one whose release
    failed. Events release only what is newer than the live version and was never handled.

    Raises:
        BadInput: a person asked for a version that is not registered.
    """
    if question.requested:
        return _requested(question)
    named = question.announced or question.registered
    known = [v for v in _sorted(set(named)) if v in question.registered]
    fresh = [v for v in known if v not in question.handled and _is_newer(v, question.live)]
    if not fresh:
        told = ", ".join(known) or "none"
        return Choice("", (), f"nothing to release: {told}; live is {question.live or 'nothing'}")
    newest, others = fresh[-1], tuple(fresh[:-1])
    passed = f"; superseded: {', '.join(others)}" if others else ""
    return Choice(newest, others, f"{newest} is the newest that nobody has handled{passed}")


def _requested(question: Question) -> Choice:
    version = question.requested
    if version not in question.registered:
        raise BadInput(
            "no such version is registered",
            where="version",
            value=version,
            remedy=f"Registered are: {', '.join(_sorted(set(question.registered))) or 'none'}",
        )
    if version == question.live:
        return Choice("", (), f"{version} is live already")
    return Choice(version, (), f"{version} was asked for")


def _is_newer(version: str, live: str) -> bool:
    return not live or _order(version) > _order(live)


def _sorted(versions: Iterable[str]) -> list[str]:
    return sorted(versions, key=_order)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
