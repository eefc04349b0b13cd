"""A real Prometheus on a free port, and servers whose metrics it scrapes."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest
from prometheus_client import CollectorRegistry, start_http_server

from include.serving.exposed import Exposed
from tests.support.serving_daemon import free_port

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path
    from wsgiref.simple_server import WSGIServer

PAGE = """
global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}
scrape_configs:
- job_name: models
  static_configs: [{{targets: [{targets}]}}]
"""


@dataclass
class ModelProcess:
    """A process that shows what a model server shows; it can be stopped and started anew."""

    name: str
    version: str
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> ModelProcess:
        self.exposed = Exposed(self.name, self.version, is_share=True)
        self.registry = CollectorRegistry()
        self.registry.register(self.exposed)
        self._server, self._thread = self._served()
        return self

    def _served(self) -> tuple[WSGIServer, threading.Thread]:
        return start_http_server(self.port, addr="127.0.0.1", registry=self.registry)

    def answer(self, count: int, status: int = 200, seconds: float = 0.02) -> None:
        for _ in range(count):
            self.exposed.answered(status, seconds)
            if status == 200:
                self.exposed.predicted([0.3])

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class RealPrometheus:
    """Debian's Prometheus over a folder; it scrapes the ports it is given."""

    folder: Path
    ports: tuple[int, ...]
    interval: float = 1.0
    port: int = field(default_factory=free_port)

    def start(self) -> RealPrometheus:
        if shutil.which("prometheus") is None:
            if os.environ.get("CI") == "true":
                pytest.fail("no Prometheus, and CI asks one: install it")
            pytest.skip("no Prometheus on this machine: none is asked")
        self.folder.mkdir(exist_ok=True)
        targets = ", ".join(f"'127.0.0.1:{port}'" for port in self.ports)
        interval = f"{round(self.interval * 1000)}ms"
        file = self.folder / "prometheus.yml"
        file.write_text(PAGE.format(interval=interval, targets=targets))
        with (self.folder / "prometheus.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    "prometheus",
                    f"--config.file={file}",
                    f"--storage.tsdb.path={self.folder}/data",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                ],
                stdout=log,
                stderr=log,
            )
        until(self._is_ready, "Prometheus is ready", 60)
        return self

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "prometheus.log").read_text()
        try:
            return httpx.get(f"{self.url}/-/ready", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def scraped(self) -> tuple[float, ...]:
        """When each process that answers was scraped last, in seconds since 1970."""
        asked = {"query": "timestamp(airworthy_model_start_time_seconds)"}
        answer = httpx.get(f"{self.url}/api/v1/query", params=asked, trust_env=False)
        return tuple(float(one["value"][1]) for one in answer.json()["data"]["result"])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def until(true: Callable[[], bool], what: str, seconds: float = 30.0) -> float:
    """Wait until something is true, and return how long that took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return time.monotonic() - began
