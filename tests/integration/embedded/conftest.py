"""A whole suite of its own: own home, own ports, the environments of this checkout."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.embedded import processes
from include.embedded.home import REPOSITORY, Home

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Installation:
    home: Home
    environ: dict[str, str]

    def command(self, *words: str) -> list[str]:
        return [str(Path(sys.prefix) / "bin" / "airworthy"), *words]

    def call(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            env={**self.environ, **changes},
            cwd=REPOSITORY,
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


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home = Home(tmp_path_factory.mktemp("home"))
    (home.root / "venv").symlink_to(Path(sys.prefix).parent)
    names = ("AIRWORTHY_PORT", "AIRWORTHY_ROUTER_PORT", "AIRWORTHY_SERVING_PORT")
    ports = dict(zip(names, map(str, free_ports(3)), strict=True))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRWORTHY_")}
    mine = Installation(home, {**kept, **ports, "AIRWORTHY_HOME": str(home.root)})
    yield mine
    mine.call("down")
    assert mine.alive() == []
