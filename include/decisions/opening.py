"""What may be asked of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.access.permission import DECIDING
from include.errors import BadInput

if TYPE_CHECKING:
    from include.client.messages.decisions import OpenDecision

LONGEST_SECONDS = 90 * 24 * 3600.0
AFFIRMATIVE = frozenset({
    "accept", "allow", "approve", "approved", "continue", "go", "ok", "override", "pass",
    "extend", "proceed", "promote", "release", "yes",
})  # fmt: skip
REQUIRED_DEFAULT = {"first_release": "refuse", "gate_override": "refuse", "stage": "roll_back"}


def check(question: OpenDecision) -> None:
    """Let pass a question that people can answer and that silence answers safely.

    Raises:
        BadInput: It is not one.
    """
    options = question.options
    if len(options) < 2 or len(set(options)) != len(options) or not all(options):
        raise BadInput("too little to choose from", value=options, remedy="Give distinct options")
    if not question.roles or not set(question.roles) <= DECIDING:
        raise BadInput(
            "roles that cannot decide",
            value=question.roles,
            remedy=f"Name some of these: {', '.join(sorted(DECIDING))}",
        )
    if not 0 < question.deadline_seconds <= LONGEST_SECONDS:
        raise BadInput(
            "impossible deadline",
            value=question.deadline_seconds,
            remedy=f"Give seconds, at most {LONGEST_SECONDS:.0f}",
        )
    _check_default(question)


def _check_default(question: OpenDecision) -> None:
    default = question.default
    if default not in question.options:
        raise BadInput(
            "the default is no option", value=default, remedy=f"One of {list(question.options)}"
        )
    required = REQUIRED_DEFAULT.get(question.kind)
    if default.lower() in AFFIRMATIVE or (required is not None and default != required):
        raise BadInput(
            "silence must not mean yes",
            value=default,
            remedy=f"Make the default {required or 'the safe option'}",
        )
