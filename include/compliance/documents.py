"""What is read of documents whose whole records need libraries of the steps."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from include.data.report import RuleCount


class Seen(BaseModel):
    """A part of a document: what else it holds is not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SourceSeen(Seen):
    """A file that rows came from."""

    partition: str
    uri: str
    sha256: str
    size: int
    rows: int


class DatasetSeen(Seen):
    """Of ``dataset.json``."""

    digest: str
    uri: str
    partitions: tuple[str, ...]
    absent: tuple[str, ...] = ()
    rows: int
    row_key: tuple[str, ...]
    sources: tuple[SourceSeen, ...]


class BatchSeen(Seen):
    """Of ``batch.json``: what was set aside."""

    digest: str
    rows_in: int
    passed: int
    quarantined: int
    rows_sha256: str
    rules: tuple[RuleCount, ...]


class ContenderSeen(Seen):
    """One line of the selection's table."""

    name: str
    kind: str
    mean: float
    error: float | None
    folds: int
    latency_ms: float
    seconds: float
    trials: int
    truncated: bool


class SelectionSeen(Seen):
    """Of ``selection.json``."""

    score: str
    folds: int
    selected: str
    policy: tuple[str, ...]
    reasons: tuple[str, ...]
    contenders: tuple[ContenderSeen, ...]
    missing: tuple[str, ...]
