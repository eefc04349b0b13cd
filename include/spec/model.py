"""The resolved spec of one model: what every factory, step and page reads.

Every field carries a description; ``docs/reference/spec.md`` and the editor schema are generated
from them. Nothing here reads a file: see ``include.spec.compile``.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from include.spec.base import Name, Scalar, Strict
from include.spec.compute import Compute
from include.spec.evaluation import Evaluation
from include.spec.gates import Gate, Override
from include.spec.release import Release
from include.spec.serving import Serving
from include.spec.training import Training


class Task(StrEnum):
    """What the model predicts."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"


class Role(StrEnum):
    """What a column is used for."""

    FEATURE = "feature"
    TARGET = "target"
    PROTECTED = "protected"
    TIME = "time"
    KEY = "key"
    EXCLUDED = "excluded"


class Availability(StrEnum):
    """When the value of a column is known."""

    APPLICATION = "application"
    DECISION = "decision"
    LATER = "later"


class ColumnType(StrEnum):
    """The type of a column's values."""

    INTEGER = "integer"
    NUMBER = "number"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    DATE = "date"


class Owner(Strict):
    """Who answers for the model."""

    team: str = Field(description="Team that owns the model.")
    email: str = Field(description="Address that reaches the team.")


class Column(Strict):
    """One column of the data contract."""

    name: str = Field(description="Name in the incoming file.")
    type: ColumnType = Field(description="Type of the values.")
    role: Role = Field(description="What the column is used for.")
    available_at: Availability = Field(
        description="When the value is known: `application` (when a prediction is asked for), "
        "`decision` (when the outcome is decided) or `later`. Only `application` may be a feature."
    )
    description: str = Field(default="", description="What the column means.")
    source: str = Field(default="", description="Where the classification comes from.")
    nullable: bool = Field(default=False, description="Whether a value may be missing.")
    minimum: float | None = Field(default=None, description="Smallest allowed number.")
    maximum: float | None = Field(default=None, description="Largest allowed number.")
    allowed: tuple[Scalar, ...] = Field(default=(), description="Allowed values; empty means any.")


class Source(Strict):
    """Where the data of one partition arrives."""

    kind: Literal["csv"] = Field(default="csv", description="Format of the incoming files.")
    uri: str = Field(
        description="URI of a partition's file; `{partition}` is its name and `{arrivals}` the "
        "landing zone of the environment."
    )
    encoding: Literal["utf-8"] = Field(default="utf-8", description="Text encoding of the files.")


class Partitioning(StrEnum):
    """How data arrives: in named batches, or one file a month."""

    NAMED = "named"
    MONTHLY = "monthly"


class ColumnExpectation(Strict):
    """A statistical expectation about a whole column, checked with Great Expectations."""

    column: str = Field(description="Column it is about.")
    statistic: Literal["mean", "median", "stdev", "unique_count", "null_share"] = Field(
        description="Statistic that is compared."
    )
    minimum: float | None = Field(default=None, description="Smallest acceptable value.")
    maximum: float | None = Field(default=None, description="Largest acceptable value.")


class Quality(Strict):
    """When bad rows are set aside, and when the run stops."""

    max_quarantine_share: float = Field(
        default=0.1, ge=0, le=1, description="Largest share of rows that may be set aside."
    )
    min_rows: int = Field(default=100, ge=1, description="Fewest good rows worth training on.")
    min_score: float = Field(default=0.8, ge=0, le=1, description="Lowest quality score to go on.")


class Drift(Strict):
    """When a partition counts as different from what the live version was trained on."""

    number_distance: float = Field(
        default=0.1, gt=0, description="Wasserstein distance of a number, in standard deviations."
    )
    category_distance: float = Field(
        default=0.1, gt=0, lt=1, description="Jensen-Shannon distance of a category or boolean."
    )
    level: float = Field(
        default=0.05, gt=0, lt=0.5, description="Chance of calling any column drifted by mistake."
    )
    max_drifted_share: float | None = Field(
        default=None,
        ge=0,
        lt=1,
        description="A greater share of drifted columns stops the run; without it, none does.",
    )


class Data(Strict):
    """The data contract."""

    source: Source = Field(description="Where partitions arrive.")
    partitioning: Partitioning = Field(description="How data arrives.")
    default_partition: str = Field(
        default="", description="Named batch that a run takes when none is given."
    )
    history: int = Field(
        default=1, ge=1, description="How many partitions up to the run's own are used together."
    )
    row_key: tuple[str, ...] = Field(
        default=(), description="Columns that identify a row; empty means the row's content."
    )
    columns: tuple[Column, ...] = Field(description="Every column of the incoming file.")
    expectations: tuple[ColumnExpectation, ...] = Field(
        default=(), description="Statistical expectations about columns."
    )
    quality: Quality = Field(default=Quality(), description="Limits of the data verdict.")
    drift: Drift = Field(default=Drift(), description="Limits of the drift verdict.")

    def named(self, role: Role) -> tuple[Column, ...]:
        """Return the columns of one role, in file order."""
        return tuple(column for column in self.columns if column.role is role)

    @property
    def target(self) -> Column:
        """The column that is predicted (the validator guarantees exactly one)."""
        return self.named(Role.TARGET)[0]

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns that the model sees."""
        return self.named(Role.FEATURE)


class Split(Strict):
    """How the untouched test window is set apart."""

    kind: Literal["hash", "time"] = Field(
        description="`hash` of the row key, or `time` (the latest rows; always for dated data)."
    )
    test_share: float = Field(default=0.2, gt=0, lt=1, description="Share of rows in the window.")


class Schedule(Strict):
    """When training starts by itself."""

    cron: str = Field(description="Cron expression of the data intervals, in UTC.")
    start: date = Field(description="First day of the first interval.")
    catchup: bool = Field(default=False, description="Whether missed intervals are run.")


class Alerts(Strict):
    """Where alerts go."""

    slack_channel: str = Field(default="#airworthy", description="Slack channel of the team.")


class Spec(Strict):
    """One YAML file per model: the whole life of that model."""

    model: Name = Field(description="Name of the model; prefix of its DAGs.")
    title: str = Field(description="What people call it.")
    purpose: str = Field(description="What it is for, and what it must not be used for.")
    owner: Owner = Field(description="Who answers for the model.")
    materiality: Literal["low", "medium", "high"] = Field(description="How much harm it can do.")
    task: Task = Field(description="What it predicts.")
    tags: tuple[str, ...] = Field(default=(), description="Tags of its DAGs.")
    data: Data = Field(description="The data contract.")
    split: Split = Field(description="The untouched test window.")
    training: Training = Field(description="What is fitted.")
    evaluation: Evaluation = Field(description="What is measured.")
    gates: tuple[Gate, ...] = Field(description="Rules that decide whether it may be registered.")
    override: Override = Field(
        default=Override(), description="Who may let a candidate in whose gates did not pass."
    )
    schedule: Schedule | None = Field(default=None, description="When training starts by itself.")
    compute: Compute = Field(default=Compute(), description="Where steps run, and with how much.")
    release: Release = Field(description="How a version reaches traffic.")
    serving: Serving = Field(
        default=Serving(), description="Sizes of its servers, where they run on Kubernetes."
    )
    alerts: Alerts = Field(default=Alerts(), description="Where alerts go.")


class Origin(Strict):
    """Where a resolved value came from."""

    path: str = Field(description="Dotted path of the value in the spec.")
    file: str = Field(description="File, relative to the folder of the models.")
    line: int = Field(description="Line, from 1.")
    column: int = Field(description="Column, from 1.")


class CompiledSpec(Strict):
    """``dags/compiled/<model>.json``: the resolved spec with its provenance."""

    format: Literal[1] = Field(default=1, description="Version of this file's format.")
    environment: str = Field(description="Environment it was resolved for.")
    sources: dict[str, str] = Field(description="SHA-256 of every YAML file that went in.")
    origins: tuple[Origin, ...] = Field(description="Where each value came from.")
    digest: str = Field(description="SHA-256 of the canonical JSON of `spec`, without `compute`.")
    spec: Spec = Field(description="The resolved spec.")
