"""What ``make check``, ``test``, ``test-cluster`` and ``soak`` run: named, timed slices."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.embedded import console
from include.embedded.home import REPOSITORY
from include.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from include.embedded.home import Home

_COVERED = ("include", "operators", "sensors", "plugins", "dags")
_ALONE = "tests/integration/embedded"
"""Whole suites, whose programs have to be back in time; the rest mostly waits, and shares."""
_LAYERS = (
    ("unit", "orchestrator", ("-n", "2", "tests/unit")),
    ("unit", "steps", ("-n", "2", "tests/unit")),
    ("contract", "orchestrator", ("tests/contract",)),
    ("contract", "steps", ("tests/contract",)),
    ("dags", "orchestrator", ("tests/dags",)),
    (
        "integration",
        "orchestrator",
        ("-n", "3", "--dist", "loadfile", f"--ignore={_ALONE}", "tests/integration"),
    ),
    ("integration", "orchestrator", (_ALONE,)),
    ("integration", "steps", ("-n", "2", "--dist", "loadfile", "tests/integration")),
)
UI = REPOSITORY / "plugins" / "airworthy" / "ui"
LEAST_COVERAGE = 80


@dataclass(frozen=True)
class Slice:
    """One named part of a verification."""

    name: str
    command: tuple[str, ...]


def checks(home: Home) -> tuple[Slice, ...]:
    """Return the static checks."""
    tools = (
        ("ruff", ("ruff", "check")),
        ("format", ("ruff", "format", "--check")),
        ("types", ("mypy",)),
        ("imports", ("lint-imports", "--no-cache")),
        ("specs", ("airworthy", "spec", "check")),
    )
    return tuple(Slice(name, _tool(home, *words)) for name, words in tools)


def layers(home: Home, arguments: Sequence[str]) -> tuple[Slice, ...]:
    """Return the layers of tests in both environments; ``arguments`` go to each pytest."""
    pythons = {"orchestrator": home.orchestrator, "steps": home.steps}
    covered = tuple(f"--cov={name}" for name in _COVERED)
    return tuple(
        Slice(
            f"{layer} ({where})",
            (str(pythons[where]), "-m", "pytest", "-q", "-m", f"{layer} and not soak", *covered,
             "--cov-append", "--cov-report=", *chosen, *arguments),
        )
        for layer, where, chosen in _LAYERS
    )  # fmt: skip


def coverage(home: Home) -> tuple[Slice, ...]:
    """Return the report over all layers; it fails under ``LEAST_COVERAGE`` percent."""
    words = ("coverage", "report", "--skip-covered", f"--fail-under={LEAST_COVERAGE}")
    return (Slice("coverage", (*_tool(home, *words), "--format=total")),)


def cluster(home: Home, arguments: Sequence[str]) -> tuple[Slice, ...]:
    """Return the tests that need a real Kubernetes."""
    chosen = ("-q", "-m", "cluster and not soak", "--durations=10", "tests/cluster")
    words = ("-m", "pytest", *chosen, *arguments)
    return (Slice("cluster", (str(home.orchestrator), *words)),)


def soak(home: Home, arguments: Sequence[str]) -> tuple[Slice, ...]:
    """Return the repetitions and benches."""
    words = ("-m", "pytest", "-q", "-s", "-m", "soak", "tests/soak", *arguments)
    return tuple(
        Slice(f"soak ({where})", (str(python), *words))
        for where, python in (("orchestrator", home.orchestrator), ("steps", home.steps))
    )


def run(home: Home, slices: Iterable[Slice], say: Callable[[str], None]) -> None:
    """Run slices one after another and print what each took.

    Raises:
        Rejected: A slice failed; its output precedes the message.
    """
    took = []
    for one in slices:
        say(f"=== {one.name}: {' '.join(one.command).replace(str(home.root), '$AIRWORTHY_HOME')}")
        began = time.monotonic()
        code = subprocess.run(one.command, cwd=REPOSITORY, env=_environ(home), check=False)
        if code.returncode not in _accepted(one):
            raise Rejected(f"{one.name} failed", value=code.returncode, remedy="See above")
        took.append(f"{one.name:<28} {time.monotonic() - began:6.1f} s")
    for line in took:
        say(line)


def check_console(home: Home, say: Callable[[str], None]) -> None:
    """Check the console's types, tests and generated client.

    Raises:
        InfrastructureError: A check failed; the message ends with its last lines.
    """
    began = time.monotonic()
    console.verify(home.bootstrap, UI)
    say(f"{'console':<28} {time.monotonic() - began:6.1f} s")


def fresh_coverage(home: Home) -> None:
    """Forget what an earlier run covered."""
    _coverage_file(home).unlink(missing_ok=True)


def _accepted(one: Slice) -> tuple[int, ...]:
    # pytest ends with 5 where it collected nothing: a soak slice has no tests in one environment.
    return (0, 5) if one.name.startswith("soak") else (0,)


def _coverage_file(home: Home) -> Path:
    return home.root / "coverage.db"


def _environ(home: Home) -> dict[str, str]:
    return {**os.environ, "COVERAGE_FILE": str(_coverage_file(home))}


def _tool(home: Home, *words: str) -> tuple[str, ...]:
    return (str(home.orchestrator.with_name(words[0])), *words[1:])
