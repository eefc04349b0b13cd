"""What the daemon remembers of the predictions that it routed, across its own restarts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from include.serving.keeping import Counts, Keeper
from include.serving.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from include.serving.fleet import Fleet
    from include.serving.witness import Witness


class Recording:
    """Everything below one folder that witnesses write.

    Attributes:
        ledger: The counts.
    """

    def __init__(self, folder: Path, fleet: Fleet) -> None:
        self.ledger = Ledger()
        self._keeper = Keeper(self.ledger, fleet, Counts(folder / "counts"))
        self._silent = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """Who has to be told of predictions."""
        return (self.ledger,)

    def start(self) -> None:
        """Take up what an earlier daemon left. Call it once the fleet is restored."""
        self._keeper.restore()
        self._keeping = asyncio.create_task(self._keeper.run(self._silent))

    async def stop(self) -> None:
        """Write everything. Call it once no request is answered any more."""
        self._silent.set()
        if self._keeping is not None:
            await self._keeping
