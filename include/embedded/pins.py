"""Re-resolves the hashed locks: one file for each environment or image, and each Python version."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.embedded.home import REPOSITORY
from include.embedded.interpreter import SUPPORTED
from include.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from include.embedded.home import Home

IMAGE_PYTHON = "3.11"


@dataclass(frozen=True)
class Lock:
    """One environment to resolve.

    Attributes:
        name: Of the files ``requirements/<name>-<python>.txt``.
        inputs: What is asked for.
        base: An earlier lock to whose versions this one is held.
        pythons: Versions of Python that it is resolved for.
    """

    name: str
    inputs: tuple[str, ...]
    base: str = ""
    pythons: tuple[str, ...] = SUPPORTED

    def target(self, python: str) -> str:
        """Return the lock's file in the repository."""
        return f"requirements/{self.name}-{python}.txt"


def _of_image(name: str, base: str) -> Lock:
    return Lock(name, (f"requirements/{name}.in",), base, (IMAGE_PYTHON,))


IMAGE_LOCKS = (
    _of_image("control-plane", "orchestrator"),
    _of_image("serving", "steps"),
    _of_image("steps-slim", "steps"),
    _of_image("steps-full", "steps"),
)
LOCKS = (
    Lock("bootstrap", ("requirements/bootstrap.in",)),
    Lock("orchestrator", ("requirements.txt",)),
    Lock("orchestrator-dev", ("requirements.txt", "requirements/checks.in"), "orchestrator"),
    Lock("steps", ("requirements-ml.txt",)),
    Lock("steps-dev", ("requirements-ml.txt", "requirements/tests.in"), "steps"),
    *IMAGE_LOCKS,
)


def compile_all(home: Home, say: Callable[[str], None]) -> None:
    """Resolve every lock anew; what is pinned in the present locks is kept where it still fits.

    Raises:
        InfrastructureError: A resolution failed; uv's own message precedes it.
    """
    for lock, version in _all():
        target = lock.target(version)
        say(f"resolving {target}")
        command = [str(home.bootstrap.with_name("uv")), "--no-progress", "pip", "compile"]
        options = ["--quiet", "--generate-hashes", "--no-header", "--no-annotate"]
        command += [*options, "--python-version", version, "-o", target, *lock.inputs]
        if lock.base:
            command += ["-c", str(_constraints(home, lock, version))]
        if subprocess.run(command, cwd=REPOSITORY, check=False).returncode:
            raise InfrastructureError("no resolution", where=target, remedy="See uv's message")


def check_all(home: Home, say: Callable[[str], None]) -> None:
    """Resolve an installation from every lock for every supported Python, without installing.

    Raises:
        InfrastructureError: A lock cannot be installed; uv's own message precedes it.
    """
    for lock, version in _all():
        target = lock.target(version)
        say(f"dry run of {target}")
        command = [str(home.bootstrap.with_name("uv")), "--quiet", "--no-progress", "pip"]
        command += ["install", "--dry-run", "--require-hashes"]
        command += ["--python-version", version, "--target", str(home.root / "dry"), "-r", target]
        if subprocess.run(command, cwd=REPOSITORY, check=False).returncode:
            raise InfrastructureError("not installable", where=target, remedy="`make lock`")


def _all() -> list[tuple[Lock, str]]:
    """Return the locks in an order in which each base comes before what is held to it."""
    return [(lock, version) for lock in LOCKS for version in lock.pythons]


def _constraints(home: Home, lock: Lock, version: str) -> Path:
    """Write the pins of a lock's base, and return the file."""
    pinned = (REPOSITORY / f"requirements/{lock.base}-{version}.txt").read_text(encoding="utf-8")
    lines = [line.removesuffix("\\").strip() for line in pinned.splitlines() if "==" in line]
    path = home.root / "lock" / f"{lock.name}-{version}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
