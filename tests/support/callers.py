"""Traffic from a process of its own: what the test does meanwhile takes no turn of the callers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.traffic import Seen, Traffic

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).parents[2]


@dataclass
class Callers:
    """Requests at a rate between ``with`` and its end; `seen` are the answers so far."""

    url: str
    rate: float
    file: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __enter__(self) -> Callers:
        command = [sys.executable, "-m", __name__, self.url, str(self.rate)]
        with self.file.open("wb") as told:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=told)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)

    @property
    def seen(self) -> list[Seen]:
        """What was answered; times are of the monotonic clock, which all processes share."""
        whole = self.file.read_text(encoding="utf-8").rpartition("\n")[0]
        return [Seen(*json.loads(line)) for line in whole.splitlines()]


class _Told(list[Seen]):
    """Tells what is seen, and keeps nothing."""

    def append(self, one: Seen) -> None:
        print(json.dumps(astuple(one)), flush=True)


def main() -> None:
    url, rate = sys.argv[1:]
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    with Traffic(url, rate=float(rate), seen=_Told()):
        over.wait()


if __name__ == "__main__":
    main()
