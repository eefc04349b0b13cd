"""The command line of a step: exactly what ``StepCall.argv`` writes."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class StepArguments:
    """The arguments of one step; ``output`` is the URI of its ``result.json``."""

    spec: str
    store: str
    key: str
    output: str
    inputs: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    recompute: bool


class _Parser(argparse.ArgumentParser):
    """A parser that raises, so that a wrong command line ends like any other bad input."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(message, where="command line", remedy=self.format_usage().strip())


def parse(argv: Sequence[str]) -> StepArguments:
    """Return the arguments of a step.

    Raises:
        BadInput: an argument is missing, unknown, or not of the form NAME=VALUE.
    """
    parser = _Parser(prog="python -m include.steps.<name>", allow_abbrev=False)
    parser.add_argument("--spec", required=True, help="URI of the compiled spec")
    parser.add_argument("--store", required=True, help="URI of the store's root")
    parser.add_argument("--inputs", action="append", default=[], help="NAME=URI of a result.json")
    parser.add_argument("--option", action="append", default=[], help="NAME=VALUE")
    parser.add_argument("--key", required=True, help="key of the step")
    parser.add_argument("--output", required=True, help="URI of result.json")
    parser.add_argument("--recompute", action="store_true", help="compute again and compare")
    given = parser.parse_args(list(argv))
    return StepArguments(
        spec=given.spec,
        store=given.store,
        key=given.key,
        output=given.output,
        inputs=_pairs(given.inputs, "--inputs"),
        options=_pairs(given.option, "--option"),
        recompute=given.recompute,
    )


def _pairs(texts: list[str], where: str) -> tuple[tuple[str, str], ...]:
    pairs = [text.partition("=") for text in texts]
    wrong = [text for text, pair in zip(texts, pairs, strict=True) if not (pair[0] and pair[1])]
    if wrong:
        raise BadInput("not of the form NAME=VALUE", where=where, value=wrong[0])
    names = [name for name, _, _ in pairs]
    if len(set(names)) != len(names):
        raise BadInput("a name is given twice", where=where, value=sorted(names))
    return tuple((name, value) for name, _, value in pairs)
