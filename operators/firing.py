"""Not firing before Airflow has noted that the task was deferred.

Airflow's scheduler may read the end of the process that deferred only after the trigger has fired,
takes it for the end of the resumed task, and fails that (apache/airflow#66374, #67287, #71580; open
in 3.3). The task is then tried again, which costs seconds and, three times over, the release.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

LOOKS = 4


@dataclass(frozen=True)
class Firing:
    """Holds an event back until some looks' time has passed since the trigger began.

    Attributes:
        poll_seconds: Time between two looks.
    """

    poll_seconds: float
    _began: float = field(default_factory=time.monotonic)

    async def hold(self) -> None:
        """Return when the event may be told."""
        left = self._began + LOOKS * self.poll_seconds - time.monotonic()
        await asyncio.sleep(max(0.0, left))
