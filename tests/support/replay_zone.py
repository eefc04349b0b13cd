"""A landing zone with a few rows of the model `mortgage_approval`, for tests of the replay."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from include import digest
from include.replay.landing_zone import LandingZone
from include.spec.compiled import from_bytes
from include.store.fsspec_store import FsspecStore

if TYPE_CHECKING:
    from include.spec.model import Spec

ROOT = Path(__file__).parents[2]
VALUES = {
    "mortg": "2", "cons": "1", "approve": "1", "action": "1", "reject": "0", "loanprc": "0.8",
    "term": "360", "hrat": "25", "obrat": "33", "self": "0", "pubrec": "0", "multi": "0",
}  # fmt: skip


@cache
def spec_of(model: str) -> Spec:
    path = ROOT / f"dags/compiled/{model}.json"
    return from_bytes(path.read_bytes(), str(path)).spec


@dataclass(frozen=True)
class Zone:
    """Folders of a landing zone and of a store."""

    folder: Path

    @property
    def zone(self) -> LandingZone:
        arrivals, root = (f"file://{self.folder}/{name}" for name in ("arrivals", "store"))
        return LandingZone(FsspecStore(), arrivals, root)

    def write(self, path: str, rows: list[dict[str, str]]) -> str:
        """Write rows below the landing zone and return where."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        target = self.folder / "arrivals" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.getvalue())
        return f"file://{target}"

    def learn(self, model: str, partition: str, uri: str) -> None:
        """Leave the description of a dataset version that was made of a file."""
        data = Path(uri.removeprefix("file://")).read_bytes()
        origin = {"partition": partition, "uri": uri, "sha256": digest.of_bytes(data)}
        known = {"format": 1, "model": model, "digest": digest.of_json(uri), "sources": [origin]}
        place = self.folder / "store/datasets" / str(known["digest"]) / "dataset.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(known))


def mortgage(number: int, **changes: str) -> dict[str, str]:
    """Return a whole application; its number makes it one of its own."""
    names = [column.name for column in spec_of("mortgage_approval").data.columns]
    row = dict.fromkeys(names, "1") | VALUES | {"loanamt": str(100 + number)}
    return row | changes
