"""The test window: which rows it is, and how often they have been looked at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include import digest
from include.evaluation.report import Window
from include.spec.model import Role

if TYPE_CHECKING:
    import pandas as pd

    from include.spec.model import Spec
    from include.store.objects import ObjectStore


def describe(spec: Spec, rows: pd.DataFrame) -> Window:
    """Return the description of the test rows, whose index is the row key."""
    keys = sorted(str(key) for key in rows.index)
    first, last = (keys[0], keys[-1]) if keys else ("", "")
    dates = spec.data.named(Role.TIME)
    if dates and keys:
        column = rows[dates[0].name]
        first, last = f"{column.min():%Y-%m-%d}", f"{column.max():%Y-%m-%d}"
    return Window(
        rows=len(keys),
        kind=spec.split.kind,
        first=first,
        last=last,
        digest=digest.of_json(keys),
    )


@dataclass(frozen=True)
class UseLog:
    """The marks that evaluations leave: one object for each evaluation of each test window."""

    store: ObjectStore
    root: str

    def record(self, window: str, evaluation: str) -> int:
        """Leave the mark of one evaluation and return how many others were there before it.

        A second call with the same evaluation key (a recompute) is the same look, finds its own
        mark and returns what it returned the first time. Two evaluations that start in the same
        instant may both miss each other.

        Args:
            window: Digest of the test window.
            evaluation: Key of the evaluating step.

        Raises:
            StoreUnavailable: the store did not answer.
        """
        folder = f"{self.root}/results/test-windows/{window}"
        mark = f"{folder}/{evaluation}.json"
        if self.store.exists(mark):
            return int(json.loads(self.store.read(mark))["used_before"])
        before = len(self.store.list(f"{folder}/"))
        self.store.write(mark, digest.canonical({"used_before": before}))
        return before
