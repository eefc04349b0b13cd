"""Which Python the environments are made from: 3.12 or 3.11, wherever this machine keeps it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.embedded import stamps
from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.embedded.home import Home

SUPPORTED = ("3.11", "3.12")
_PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2], sys.executable)"


@dataclass(frozen=True)
class Interpreter:
    """A Python that can make environments."""

    path: str
    version: str


def find(home: Home) -> Interpreter:
    """Return the Python to install with.

    The one that made an existing bootstrap environment is kept; then come ``AIRWORTHY_PYTHON``, the
    Python that runs this, ``python3.12`` and ``python3.11`` on PATH, and what uv knows.

    Raises:
        BadInput: There is none, or it lacks the ``venv`` module.
    """
    lacking = ""
    for candidate in _candidates(home):
        found, why = _probe(candidate)
        if found:
            return found
        lacking = lacking or why
    running = ".".join(str(part) for part in sys.version_info[:3])
    raise BadInput(
        lacking or f"Python 3.11 or 3.12 is needed; this is {running}",
        remedy="Install one (`apt install python3.12-venv`, `uv python install 3.12`), "
        "or name it: AIRWORTHY_PYTHON=/path/to/python3.12",
    )


def _candidates(home: Home) -> Iterator[str]:
    # An environment whose making was interrupted may lack pip: it is made anew.
    if stamps.is_done(home, "bootstrap") and home.bootstrap.exists():
        yield str(home.bootstrap)
    if os.environ.get("AIRWORTHY_PYTHON"):
        yield os.environ["AIRWORTHY_PYTHON"]
        return
    yield sys.executable
    for version in reversed(SUPPORTED):
        on_path = shutil.which(f"python{version}")
        if on_path:
            yield on_path
    uv = shutil.which("uv")
    for version in reversed(SUPPORTED) if uv else ():
        answer = _output([str(uv), "python", "find", "--no-python-downloads", version])
        if answer:
            yield answer


def _probe(path: str) -> tuple[Interpreter | None, str]:
    version, _, executable = _output([path, "-c", _PROBE]).partition(" ")
    if version in SUPPORTED:
        return Interpreter(executable, version), ""
    plain = _output([path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
    if plain in SUPPORTED:
        return None, f"Python {plain} at {path} lacks the modules venv and ensurepip"
    return None, ""


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
