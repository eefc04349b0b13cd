"""Work that goes on after the call that began it has returned."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from include import logs

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Background:
    """Tasks that somebody holds on to: the event loop alone would let them be collected."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[None, None, None]) -> None:
        """Begin ``work``; an error in it is logged."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logs.get("serving").error("background_work_failed", error=str(error))
