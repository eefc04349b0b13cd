"""The entry of every ``make`` verb: ``python3 -m include.embedded.install VERB [ARGUMENT ...]``.

Runs on the bare system Python, before anything is installed: only the standard library, and no
syntax that an older Python cannot read, so that it can say in one line which Python is needed.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from include.embedded import guard, images, interpreter, pins, preparation, remains, verify
from include.embedded.environments import Installer
from include.embedded.home import REPOSITORY, home
from include.errors import AirworthyError, BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.embedded.home import Home

_SUITE = ("up", "demo", "down", "status", "clean")
_NEEDS_NOTHING = ("down", "status", "clean")
INTERRUPTED = 130


def _say(line: str) -> None:
    sys.stdout.write(f"  {line}\n")
    sys.stdout.flush()


def prepare(place: Home, verb: str, *, dev: bool) -> None:
    """Install what is missing; returns at once when nothing is.

    Raises:
        Conflict: Another call is at work in the same home.
        BadInput: Wrong Python, or too little disk.
        InfrastructureError: An installation or a migration failed.
    """
    with guard.alone(place.root / "install.lock", f"`make {verb}`"):
        python = interpreter.find(place)
        Installer(place, python, _say).ensure(dev=dev)
        preparation.build_console(place, _say)
        preparation.migrate(place, _say)


def _suite(place: Home, verb: str, arguments: Sequence[str]) -> int:
    """Become the suite's own command, which lives in the orchestrator environment."""
    if verb not in _NEEDS_NOTHING:
        prepare(place, verb, dev=False)
    elif not place.orchestrator.exists():
        if verb == "clean":
            remains.remove(place, environments=True)
        _say("nothing is installed, so nothing runs")
        return 0
    os.chdir(REPOSITORY)
    sys.stdout.flush()
    airworthy = str(place.orchestrator.with_name("airworthy"))
    return os.execv(airworthy, [airworthy, verb, *arguments])  # noqa: S606 - becomes the suite


def _develop(place: Home, verb: str, arguments: Sequence[str]) -> int:
    prepare(place, verb, dev=True)
    if verb == "soak":
        verify.run(place, verify.soak(place, arguments), _say)
        return 0
    if verb == "test-cluster":
        verify.run(place, verify.cluster(place, arguments), _say)
        return 0
    verify.run(place, verify.checks(place), _say)
    verify.check_console(place, _say)
    if verb == "test":
        verify.fresh_coverage(place)
        verify.run(place, (*verify.layers(place, arguments), *verify.coverage(place)), _say)
    return 0


def _images(place: Home, arguments: Sequence[str]) -> int:
    order, begin = images.asked(arguments), images.builder(os.environ)
    with guard.alone(place.root / "install.lock", "`make images`"):
        Installer(place, interpreter.find(place), _say).ensure_bootstrap()
        preparation.build_console(place, _say)
        images.wheel(place.bootstrap)
        images.build(order, begin, _say)
    return 0


def _dispatch(verb: str, arguments: Sequence[str]) -> int:
    place = home()
    if verb in _SUITE:
        return _suite(place, verb, arguments)
    if verb in ("test", "test-cluster", "check", "soak"):
        return _develop(place, verb, arguments)
    if verb == "install":
        prepare(place, verb, dev="--dev" in arguments)
        return 0
    if verb == "lock-check":
        prepare(place, verb, dev=False)
        pins.check_all(place, _say)
        return 0
    if verb == "lock":
        prepare(place, verb, dev=False)
        pins.compile_all(place, _say)
        return 0
    if verb == "images":
        return _images(place, arguments)
    raise BadInput("unknown verb", value=verb, remedy="See the Makefile")


def main(arguments: Sequence[str]) -> int:
    """Do one verb; every expected failure is one line that says what to do."""
    try:
        return _dispatch(arguments[0] if arguments else "", arguments[1:])
    except AirworthyError as cause:
        sys.stderr.write(f"airworthy: {cause}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nairworthy: interrupted; the next call goes on from here\n")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
