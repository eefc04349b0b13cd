"""The stand-in as a process of a test's own."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.kserve_controller.behaviour import Behaviour, Orders
from tests.support.kserve_controller.names import OURS

ROOT = Path(__file__).parents[3]
BEGINS, ENDS = 30.0, 15.0


@dataclass
class StandIn:
    """Runs between `start` and `close`.

    Args:
        kubeconfig: Of the cluster.
        instance: Value of the label that makes a namespace this stand-in's.
        folder: Where its orders and its log are kept.
        webhook_host: Address under which the API server finds this machine.
    """

    kubeconfig: Path
    instance: str
    folder: Path
    webhook_host: str = "127.0.0.1"
    lines: list[str] = field(default_factory=list)

    @property
    def label(self) -> dict[str, str]:
        """Return the label that a namespace of it carries."""
        return {OURS: self.instance}

    @property
    def orders(self) -> Orders:
        return Orders(self.folder / "orders.json")

    def start(self) -> StandIn:
        """Start it; return when it reconciles and the API server asks it."""
        local = self.webhook_host in {"127.0.0.1", "localhost"}
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.support.kserve_controller",
                f"--kubeconfig={self.kubeconfig}",
                f"--instance={self.instance}",
                f"--orders={self.orders.file}",
                f"--webhook-host={self.webhook_host}",
                f"--webhook-bind={'127.0.0.1' if local else '0.0.0.0'}",
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._is_ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._is_ready.wait(BEGINS)
        if not any(line.startswith("ready: ") for line in self.lines):
            self.close()
            raise AssertionError("the stand-in does not start:\n" + "\n".join(self.lines))
        return self

    def behave(self, behaviour: Behaviour | None = None) -> None:
        """Tell it to do something wrong from now on; nothing: to behave."""
        self.orders.write(behaviour or Behaviour())

    def close(self) -> None:
        """End it; what it had registered goes with it."""
        self._process.terminate()
        try:
            self._process.wait(ENDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(ENDS)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines, (self.folder / "stand-in.log").open("a") as log:
            for line in lines:
                log.write(line)
                log.flush()
                self.lines.append(line.rstrip())
                if line.startswith("ready: "):
                    self._is_ready.set()
        self._is_ready.set()
