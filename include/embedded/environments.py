"""The virtual environments: made from hashed locks, compiled, redone when a lock changes."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.embedded import stamps
from include.embedded.home import REPOSITORY
from include.errors import BadInput, InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from include.embedded.home import Home
    from include.embedded.interpreter import Interpreter

_NEEDED_BYTES = 8_000_000_000
_OFFLINE = (
    "failed to resolve",
    "name resolution",
    "dns error",
    "newconnectionerror",
    "connecttimeout",
    "network is unreachable",
    "error sending request",
    "connection refused",
    "connection broken",
    "no matching distribution found",
)


@dataclass(frozen=True)
class Installer:
    """Makes the environments of one home."""

    home: Home
    python: Interpreter
    say: Callable[[str], None]

    def ensure(self, *, dev: bool) -> None:
        """Bring bootstrap, orchestrator and steps to what their locks say.

        Args:
            dev: Also what checks and tests need. An environment that has it keeps it.

        Raises:
            BadInput: Too little disk.
            InfrastructureError: A registry cannot be reached, or an installation failed.
        """
        self.ensure_bootstrap()
        for name in ("orchestrator", "steps"):
            self._environment(name, dev=dev)
        self._project()

    def ensure_bootstrap(self) -> None:
        """Bring the environment that installs and builds the others to what its lock says.

        Raises:
            BadInput: Too little disk.
            InfrastructureError: A registry cannot be reached, or an installation failed.
        """
        self._bootstrap()

    def _lock(self, name: str) -> Path:
        return REPOSITORY / "requirements" / f"{name}-{self.python.version}.txt"

    def _bootstrap(self) -> None:
        digest = stamps.digest([self._lock("bootstrap")])
        with stamps.once(self.home, "bootstrap", digest) as needed:
            if not needed and self.home.bootstrap.exists():
                return
            self._refuse_full_disk()
            with self._timed("bootstrap environment"):
                folder = self.home.bootstrap.parents[1]
                if self.python.path != str(self.home.bootstrap):
                    self._run([self.python.path, "-m", "venv", "--clear", str(folder)])
                pip = [str(self.home.bootstrap), "-m", "pip", "install"]
                self._run([*pip, "--require-hashes", "-r", str(self._lock("bootstrap"))])

    def _environment(self, name: str, *, dev: bool) -> None:
        plain = stamps.digest([self._lock(name)])
        full = stamps.digest([self._lock(f"{name}-dev")])
        folder = self.home.root / "venv" / name
        if not dev and stamps.is_set(self.home, name, full) and folder.exists():
            return
        with stamps.once(self.home, name, full if dev else plain) as needed:
            if not needed and folder.exists():
                return
            self._refuse_full_disk()
            stamps.forget(self.home, "project")
            with self._timed(f"{name} environment"):
                self._synchronise(folder, self._lock(f"{name}-dev" if dev else name))

    def _synchronise(self, folder: Path, lock: Path) -> None:
        python = folder / "bin" / "python"
        if not self._fits(python):
            if folder.exists():
                shutil.rmtree(folder)
            self._uv("venv", "--python", str(self.home.bootstrap), str(folder))
        self._uv(
            "pip",
            "sync",
            "--require-hashes",
            "--compile-bytecode",
            "--python",
            str(python),
            str(lock),
        )

    def _fits(self, python: Path) -> bool:
        probe = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            done = subprocess.run(
                [str(python), "-c", probe], capture_output=True, text=True, timeout=30, check=True
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return done.stdout.strip() == self.python.version

    def _project(self) -> None:
        digest = stamps.digest([REPOSITORY / "pyproject.toml"], str(REPOSITORY))
        with stamps.once(self.home, "project", digest) as needed:
            if not needed:
                return
            with self._timed("airworthy itself"):
                wheels = self.home.root / "wheel"
                shutil.rmtree(wheels, ignore_errors=True)
                build = ["-m", "hatchling", "build", "-t", "wheel:editable", "-d", str(wheels)]
                self._run([str(self.home.bootstrap), *build])
                wheel = str(next(wheels.glob("*.whl")))
                for python in (self.home.orchestrator, self.home.steps):
                    self._uv(
                        "pip", "install", "--no-deps", "--reinstall", "--python", str(python), wheel
                    )

    def _uv(self, *arguments: str) -> None:
        self._run([str(self.home.bootstrap.with_name("uv")), "--no-progress", *arguments])

    def _run(self, command: Sequence[str]) -> None:
        log = self.home.logs / "install.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as sink:
            code = subprocess.run(
                list(command),
                cwd=REPOSITORY,
                stdout=sink,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                check=False,
            ).returncode
        if code:
            raise _failure(" ".join(command[1:4]), log)

    def _refuse_full_disk(self) -> None:
        self.home.root.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.home.root).free
        if free < _NEEDED_BYTES:
            raise BadInput(
                f"{free / 1e9:.1f} GB are free at {self.home.root}, the environments need 8 GB",
                remedy="Make room, or choose another place with AIRWORTHY_HOME",
            )

    def _timed(self, phase: str) -> _Timed:
        return _Timed(phase, self.say)


class _Timed:
    def __init__(self, phase: str, say: Callable[[str], None]) -> None:
        self._phase, self._say, self._began = phase, say, 0.0

    def __enter__(self) -> None:
        self._say(f"{self._phase} ...")
        self._began = time.monotonic()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._say(f"{self._phase} done ({time.monotonic() - self._began:.1f} s)")


def _failure(what: str, log: Path) -> InfrastructureError:
    text = log.read_text(encoding="utf-8", errors="replace")
    if any(sign in text.lower() for sign in _OFFLINE):
        return InfrastructureError(
            "the package registry cannot be reached, or lacks a pinned version",
            where=what,
            remedy=f"Connect to the network and call again: what is done stays done ({log})",
        )
    last = (text.strip().splitlines() or ["no output"])[-1]
    return InfrastructureError(f"failed: {last[:200]}", where=what, remedy=f"Read {log}")
