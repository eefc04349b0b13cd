"""A whole suite of its own: own home, own ports, the environments of this checkout."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from include.embedded import processes
from include.embedded.home import REPOSITORY, Home

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = "import sys; from include.cli.main import main; sys.exit(main())"
PORTS = ("AIRWORTHY_PORT", "AIRWORTHY_ROUTER_PORT", "AIRWORTHY_SERVING_PORT")
SOURCES = ("include", "operators", "sensors", "plugins", "requirements")
SETTINGS = "airflow_settings.yaml"


@dataclass(frozen=True)
class Installation:
    """A suite, and the sources that it runs: those of this checkout, or a copy of them."""

    home: Home
    environ: dict[str, str]
    sources: Path = REPOSITORY

    def command(self, *words: str) -> list[str]:
        if self.sources == REPOSITORY:
            return [str(Path(sys.prefix) / "bin" / "airworthy"), *words]
        return [sys.executable, "-c", COMMAND, *words]

    def call(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            env={**self.environ, **changes},
            cwd=self.sources,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def alive(self, service: str | None = None) -> list[int]:
        return [one.pid for one in processes.marked(self.home.instance, service=service)]


def free_ports(number: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [server.getsockname()[1] for server in held]
    for server in held:
        server.close()
    return ports


@contextmanager
def installed(root: Path, sources: Path = REPOSITORY) -> Iterator[Installation]:
    """Give an installation that nothing of was started, and stop it at the end."""
    home = Home(root)
    (home.root / "venv").symlink_to(Path(sys.prefix).parent)
    ports = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRWORTHY_")}
    mine = Installation(home, {**kept, **ports, "AIRWORTHY_HOME": str(home.root)}, sources)
    try:
        yield mine
    finally:
        mine.call("down")
    assert mine.alive() == []


def copied(folder: Path) -> Path:
    """Copy what a suite runs, without its specs and the console's sources; return the copy."""
    left_out = shutil.ignore_patterns("node_modules", "__pycache__", "package.json")
    for name in SOURCES:
        shutil.copytree(REPOSITORY / name, folder / name, ignore=left_out)
    shutil.copy(REPOSITORY / SETTINGS, folder / SETTINGS)
    (folder / "dags" / "models").mkdir(parents=True)
    for file in (REPOSITORY / "dags").glob("*.py"):
        shutil.copy(file, folder / "dags" / file.name)
    return folder
