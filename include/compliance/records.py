"""What a compliance report is made of."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from include import digest
from include.spec.base import Strict

Cell = str | int | float | None


class Fact(Strict):
    """One named value."""

    name: str = Field(description="What it is.")
    value: Cell = Field(description="The value; none where nothing is recorded.")


class Table(Strict):
    """Rows below named columns."""

    title: str = Field(description="Caption.")
    columns: tuple[str, ...] = Field(description="Names of the columns.")
    rows: tuple[tuple[Cell, ...], ...] = Field(description="One cell a column; none for no value.")


class Bar(Strict):
    """A value with its interval."""

    label: str = Field(description="Whose value.")
    value: float = Field(description="The value.")
    lower: float = Field(description="Lower end of the interval.")
    upper: float = Field(description="Upper end of the interval.")


class Chart(Strict):
    """Values with intervals on one scale; the same figures stand in a table beside it."""

    title: str = Field(description="Caption.")
    bars: tuple[Bar, ...] = Field(description="One a line.")
    low: float = Field(description="Left end of the scale.")
    high: float = Field(description="Right end of the scale.")


class Missing(Strict):
    """Something that is not there, and how to get it."""

    what: str = Field(description="What is missing, and why as far as it is known.")
    remedy: str = Field(description="How to get it.")


class Gap(Missing):
    """Something missing in a section."""

    section: str = Field(description="Id of the section.")


class Section(Strict):
    """One part of the report. It is there also where it holds nothing but gaps."""

    id: str = Field(description="Id, also of its place on the page.")
    title: str = Field(description="Heading.")
    facts: tuple[Fact, ...] = Field(default=(), description="Single values.")
    tables: tuple[Table, ...] = Field(default=(), description="Tables.")
    charts: tuple[Chart, ...] = Field(default=(), description="Drawings of figures of the tables.")
    notes: tuple[str, ...] = Field(default=(), description="What a reader should know.")
    sources: tuple[str, ...] = Field(
        default=(), description="Names of the evidence items that its figures come from."
    )
    gaps: tuple[Gap, ...] = Field(default=(), description="What is missing here.")


class EvidenceItem(Strict):
    """One object that figures come from."""

    name: str = Field(description="Name that sections cite.")
    uri: str = Field(description="Where it is.")
    sha256: str = Field(description="SHA-256; of the manifest, for a folder.")
    size: int | None = Field(description="Bytes, where it was read.")
    check: str = Field(
        description="`matches` where the bytes were read and have the recorded digest, `read` "
        "where none is recorded, `recorded` where it was taken from a record and nothing read."
    )


class RequirementRow(Strict):
    """What a rule asks, and where the evidence for it is; never that it is met."""

    id: str = Field(description="Id in the pack.")
    instrument: str = Field(description="Law, rule or framework.")
    asks: str = Field(description="What it asks, in our words.")
    source: str = Field(description="Where it stands.")
    status: str = Field(description="`in force`, `voluntary`, or `applies from` a date.")
    sections: tuple[str, ...] = Field(description="Sections that hold evidence for it.")
    evidence: str = Field(description="`held`, `held with gaps` or `none held`.")
    digest: str = Field(description="SHA-256 of the pack's row.")


class Generated(Strict):
    """The one part that differs between two reports of the same evidence."""

    at: datetime = Field(description="When the report was made.")
    by: str = Field(description="Run or person that made it.")


class Contents(Strict):
    """Everything but the time: the same evidence gives the same bytes."""

    format: int = Field(default=1, description="Version of this file's format.")
    model: str = Field(description="Name of the model.")
    version: str = Field(description="Version that was live on the date.")
    title: str = Field(description="What people call the model.")
    as_of: date = Field(description="Day (UTC) whose rules and live version are meant.")
    pack: str = Field(description="Name of the requirement pack.")
    pack_digest: str = Field(description="SHA-256 of its canonical JSON.")
    gaps: tuple[Gap, ...] = Field(description="Every gap, in the order of the sections.")
    requirements: tuple[RequirementRow, ...] = Field(description="What was known on the date.")
    sections: tuple[Section, ...] = Field(description="All sections.")
    evidence: tuple[EvidenceItem, ...] = Field(description="Every object that was cited.")

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON."""
        return digest.of_json(self.model_dump(mode="json"))


class ComplianceReport(Strict):
    """``<model>.json``."""

    generated: Generated = Field(description="When and by whom.")
    contents: Contents = Field(description="The report.")
