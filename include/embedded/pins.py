"""Re-resolves the hashed locks: one file for each environment and Python version."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from include.embedded.home import REPOSITORY
from include.embedded.interpreter import SUPPORTED
from include.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.embedded.home import Home

# Each lock with its inputs. A -dev lock is held to the versions of the plain one before it.
_LOCKS = (
    ("bootstrap", ("requirements/bootstrap.in",), None),
    ("orchestrator", ("requirements.txt",), None),
    ("orchestrator-dev", ("requirements.txt", "requirements/checks.in"), "orchestrator"),
    ("steps", ("requirements-ml.txt",), None),
    ("steps-dev", ("requirements-ml.txt", "requirements/tests.in"), "steps"),
)


def compile_all(home: Home, say: Callable[[str], None]) -> None:
    """Resolve every lock anew; what is pinned in the present locks is kept where it still fits.

    Raises:
        InfrastructureError: A resolution failed; uv's own message precedes it.
    """
    for version in SUPPORTED:
        for name, inputs, base in _LOCKS:
            target = f"requirements/{name}-{version}.txt"
            say(f"resolving {target}")
            command = [str(home.bootstrap.with_name("uv")), "--no-progress", "pip", "compile"]
            options = ["--quiet", "--generate-hashes", "--no-header", "--no-annotate"]
            command += [*options, "--python-version", version, "-o", target, *inputs]
            if base:
                command += ["-c", f"requirements/{base}-{version}.txt"]
            if subprocess.run(command, cwd=REPOSITORY, check=False).returncode:
                raise InfrastructureError("no resolution", where=target, remedy="See uv's message")


def check_all(home: Home, say: Callable[[str], None]) -> None:
    """Resolve an installation from every lock for every supported Python, without installing.

    Raises:
        InfrastructureError: A lock cannot be installed; uv's own message precedes it.
    """
    for version in SUPPORTED:
        for name, _, _ in _LOCKS:
            lock = f"requirements/{name}-{version}.txt"
            say(f"dry run of {lock}")
            command = [str(home.bootstrap.with_name("uv")), "--quiet", "--no-progress", "pip"]
            command += ["install", "--dry-run", "--require-hashes"]
            command += ["--python-version", version, "--target", str(home.root / "dry"), "-r", lock]
            if subprocess.run(command, cwd=REPOSITORY, check=False).returncode:
                raise InfrastructureError("not installable", where=lock, remedy="`make lock`")
