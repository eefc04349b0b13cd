"""What the daemon remembers of the predictions that it routed, across its own restarts.

Below its folder: ``counts`` (evidence), ``predictions`` and ``outcomes`` (logs).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include import logs
from include.clock import SystemClock
from include.serving import outcomes
from include.serving.joining import Joiner
from include.serving.journal import Journal, JournalLimits
from include.serving.journal_reader import JournalReader
from include.serving.keeping import Counts, Keeper
from include.serving.ledger import Ledger
from include.serving.outcomes import Books, OutcomeRecord, Outcomes
from include.serving.predictions import Entry, PredictionLog, PredictionRecord, Recorder
from include.serving.recent import ROWS, Recent
from include.serving.remembering import remembered

if TYPE_CHECKING:
    from pathlib import Path

    from include.serving.fleet import Fleet
    from include.serving.measures import Measures
    from include.serving.recent import Remembered
    from include.serving.witness import Witness


@dataclass(frozen=True)
class RecordingOptions:
    """What is recorded, and how much.

    Attributes:
        outcomes_token: What callers of ``/outcomes`` must know; empty lets nobody in.
        sample_share: Share of requests whose inputs are logged, 0 to 1.
        remembered_rows: Rows that labels can still be joined with.
        journal: Limits of both logs.
    """

    outcomes_token: str = field(default="", repr=False)
    sample_share: float = 0.1
    remembered_rows: int = ROWS
    journal: JournalLimits = field(default_factory=JournalLimits)


class Recording:
    """Everything that witnesses write, and what labels are joined with.

    Attributes:
        ledger: The counts.
        outcomes: The door of labels.
    """

    def __init__(
        self, folder: Path, fleet: Fleet, measures: Measures, options: RecordingOptions
    ) -> None:
        clock = SystemClock()
        self._options = options
        self.ledger = Ledger()
        self._keeper = Keeper(self.ledger, fleet, Counts(folder / "counts"))
        self._recent = Recent(options.remembered_rows)
        encode = Recorder(options.sample_share).encode
        self._predictions: Journal[Entry] = Journal(
            folder / "predictions", encode, clock, options.journal
        )
        self._outcomes: Journal[OutcomeRecord] = Journal(
            folder / "outcomes", outcomes.encode, clock, options.journal
        )
        self._ready, self._silent = asyncio.Event(), asyncio.Event()
        joiner = Joiner(self._recent, self.ledger)
        books = Books(joiner, self._outcomes, measures, clock)
        self.outcomes = Outcomes(books, options.outcomes_token, self._ready)
        self.witnesses: tuple[Witness, ...] = (
            self.ledger,
            joiner,
            PredictionLog(self._predictions, clock),
        )
        measures.watch_journals((self._predictions, self._outcomes))
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Take up what an earlier daemon left. Call it once the fleet is restored.

        Old predictions are read beside the traffic; labels wait for them.
        """
        self._keeper.restore()
        self._predictions.start()
        self._outcomes.start()
        self._tasks = [
            asyncio.create_task(self._keeper.run(self._silent)),
            asyncio.create_task(self._remember()),
        ]

    async def stop(self) -> None:
        """Write everything. Call it once no request is answered any more."""
        self._silent.set()
        await asyncio.gather(*self._tasks)
        await asyncio.to_thread(self._predictions.stop)
        await asyncio.to_thread(self._outcomes.stop)

    async def _remember(self) -> None:
        try:
            self._recent.restore(await asyncio.to_thread(self._read_back))
        except OSError as refused:
            logs.get("recording").exception("logs_not_read", error=str(refused))
        finally:
            self._ready.set()

    def _read_back(self) -> tuple[tuple[str, Remembered], ...]:
        count = self._options.remembered_rows
        predictions = JournalReader(self._predictions.folder, PredictionRecord)
        labels = JournalReader(self._outcomes.folder, OutcomeRecord)
        found = remembered(predictions.newest(count), labels.newest(count))
        if lines := predictions.unreadable + labels.unreadable:
            logs.get("recording").warning("lines_passed_over", lines=lines)
        return found
