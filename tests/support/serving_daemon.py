"""A real serving daemon in a folder of its own, over fake model servers, for tests."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from include.errors import ServingUnavailable
from include.serving import package
from include.serving.endpoint import Endpoint, Health, Observation, Variant
from include.serving.local_driver import LocalDriver
from include.serving.process import MARK
from tests.support.fake_model_server import behave

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-for-tests"
OUTCOMES_TOKEN = "another-token-for-tests"
QUICK = {
    "probe_every": 0.2,
    "probe_timeout": 0.5,
    "first_pause": 0.1,
    "longest_pause": 1.0,
    "drain_within": 3.0,
    "end_within": 1.5,
    "stop_within": 1.5,
    "answer_within": 2.0,
    "mirror_within": 1.0,
}


def free_port() -> int:
    # Below the range that outgoing connections use: theirs would take it before the daemon does.
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass
class Daemon:
    folder: Path
    timings: dict[str, float] = field(default_factory=lambda: dict(QUICK))
    limits: dict[str, float] = field(default_factory=dict)
    admin_port: int = field(default_factory=free_port)
    router_port: int = field(default_factory=free_port)
    outcomes_token: str = OUTCOMES_TOKEN

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.control = self.folder / "control"
        self.control.mkdir(exist_ok=True)
        self.store = f"file://{self.folder}/store"
        self.process: subprocess.Popen[bytes] | None = None
        self.driver = LocalDriver(f"http://127.0.0.1:{self.admin_port}", TOKEN)
        self.router = f"http://127.0.0.1:{self.router_port}"

    @property
    def log(self) -> str:
        return (self.folder / "daemon.log").read_text()

    @property
    def home(self) -> Path:
        return self.folder / "serving"

    def begin(self) -> subprocess.Popen[bytes]:
        told = {
            "folder": str(self.home),
            "store": self.store,
            "token": TOKEN,
            "outcomes_token": self.outcomes_token,
            "admin_port": self.admin_port,
            "router_port": self.router_port,
            "timings": self.timings,
            "limits": self.limits,
        }
        with (self.folder / "daemon.log").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("run_serving.py")), json.dumps(told)],
                stdout=output,
                stderr=output,
                cwd=ROOT,
                env={**os.environ, "FAKE_CONTROL": str(self.control)},
            )
        return self.process

    def start(self) -> Daemon:
        self.begin()
        self.until(self.answers, "the daemon answers")
        return self

    def answers(self) -> bool:
        try:
            self.driver.endpoints()
        except ServingUnavailable:
            return False
        return True

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def close(self) -> None:
        self.driver.close()
        if self.process is not None and self.process.poll() is None:
            self.kill()
        for server in self.servers():
            with contextlib.suppress(psutil.Error):
                server.kill()

    def servers(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if (
                    process.environ().get(MARK) == str(self.home)
                    and process.status() != psutil.STATUS_ZOMBIE
                ):
                    found.append(process)
        return found

    def until(self, true: Callable[[], bool], what: str, seconds: float = 30.0) -> float:
        began = time.monotonic()
        while not true():
            assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}\n{self.log}"
            time.sleep(0.05)
        return time.monotonic() - began

    def behave(self, version: str, **how: object) -> None:
        behave(self.control, version, **how)

    def publish(self, version: str) -> str:
        """Put a package into the store and return its digest."""
        draft = self.folder / "drafts" / version
        draft.mkdir(parents=True, exist_ok=True)
        (draft / "weights.json").write_text(json.dumps({"version": version}))
        sealed = package.seal(draft, model="fake", model_digest="0" * 64)
        target = self.folder / "store" / "packages" / sealed.digest
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.rename(target)
        return sealed.digest

    def variant(self, name: str, version: str, weight: int, replicas: int = 1) -> Variant:
        digest = self.publish(version)
        return Variant(name, version, f"{self.store}/packages/{digest}", digest, weight, replicas)

    def endpoint(self, *variants: Variant, revision: int = 1, token: int = 1) -> Endpoint:
        return Endpoint("loans", "loans", revision, "somebody", token, variants)

    def live(self, version: str = "1.0.0", replicas: int = 1) -> Endpoint:
        """Apply one stable version and wait until all its replicas answer."""
        wanted = self.endpoint(self.variant("stable", version, 100, replicas))
        self.driver.apply(wanted)
        self.until(lambda: self.ready(wanted.name), "live")
        return wanted

    def observe(self, name: str = "loans") -> Observation:
        return self.driver.observe(name)

    def ready(self, name: str = "loans") -> bool:
        return all(
            state.health is Health.READY and not state.message
            for state in self.observe(name).variants
        )


def following(endpoint: Endpoint, *variants: Variant) -> Endpoint:
    return replace(endpoint, revision=endpoint.revision + 1, variants=variants)
