"""What rules ask, as dated data: which were known and in force on a day.

A rule changes by a new row in ``packs``, never by code.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from include import digest
from include.compliance.records import Gap, RequirementRow
from include.errors import BadInput
from include.spec.base import Strict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from include.compliance.records import Section

PACKS = Path(__file__).parent / "packs"
ID = "requirements"


class Requirement(Strict):
    """One thing that a rule asks, in our own words."""

    id: str = Field(description="Unique id.")
    instrument: str = Field(description="Law, rule or framework, with its number.")
    asks: str = Field(description="What it asks, in our words; no text of the law.")
    source: str = Field(description="Where the rule stands.")
    status: Literal["binding", "guidance", "voluntary"] = Field(description="How far it binds.")
    announced: date = Field(description="Day from which a report may know of it.")
    in_force_from: date = Field(description="First day it applies.")
    in_force_to: date | None = Field(default=None, description="First day it no longer applies.")
    sections: tuple[str, ...] = Field(default=(), description="Sections with evidence for it.")
    remedy: str = Field(default="", description="How to get what no section holds.")
    doubt: str = Field(default="", description="What is not certain about this row.")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.in_force_to is not None and self.in_force_to <= self.in_force_from:
            raise ValueError(f"{self.id}: ends before it begins")
        if not self.sections and not self.remedy:
            raise ValueError(f"{self.id}: neither a section nor a remedy")
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the row."""
        return digest.of_json(self.model_dump(mode="json"))


class Pack(Strict):
    """One YAML file of requirements."""

    pack: str = Field(description="Name of the pack.")
    read_until: date = Field(description="Until when its sources were read.")
    requirements: tuple[Requirement, ...] = Field(description="Its rows.")

    @model_validator(mode="after")
    def _has_unique_ids(self) -> Self:
        ids = [one.id for one in self.requirements]
        double = sorted({one for one in ids if ids.count(one) > 1})
        if double:
            raise ValueError(f"ids that are there twice: {', '.join(double)}")
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON."""
        return digest.of_json(self.model_dump(mode="json"))

    def known_on(self, day: date) -> tuple[Requirement, ...]:
        """Return what was in force, or announced and still to come, on that day."""
        return tuple(
            one
            for one in self.requirements
            if one.announced <= day and (one.in_force_to is None or day < one.in_force_to)
        )


@cache
def read(folder: Path = PACKS) -> Pack:
    """Return the newest pack of a folder, by name.

    Raises:
        BadInput: there is none, or it is not a pack.
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise BadInput("no requirement pack", where=str(folder), remedy="Add <year>-<month>.yaml")
    try:
        return Pack.model_validate(YAML(typ="safe", pure=True).load(files[-1].read_text("utf-8")))
    except (YAMLError, ValidationError) as error:
        raise BadInput(f"not a requirement pack: {error}", where=str(files[-1])) from error


def rows(pack: Pack, day: date, sections: Iterable[Section]) -> tuple[RequirementRow, ...]:
    """Return what was known on that day, with the sections that hold evidence for it.

    Raises:
        BadInput: the pack names a section that there is not.
    """
    gapped = {section.id: bool(section.gaps) for section in sections}
    known = pack.known_on(day)
    unknown = sorted({name for one in known for name in one.sections} - set(gapped))
    if unknown:
        raise BadInput("no such section", where=f"pack {pack.pack}", value=", ".join(unknown))
    return tuple(_row(one, day, gapped) for one in known)


def gaps(pack: Pack, day: date) -> tuple[Gap, ...]:
    """Return what no section can hold: only people can give it."""
    return tuple(
        Gap(
            section=ID,
            what=f"{one.instrument}: {one.asks.rstrip('.')}",
            remedy=one.remedy.rstrip("."),
        )
        for one in pack.known_on(day)
        if not one.sections
    )


def _row(one: Requirement, day: date, gapped: dict[str, bool]) -> RequirementRow:
    if not one.sections:
        evidence = "none held"
    elif any(gapped[name] for name in one.sections):
        evidence = "held with gaps"
    else:
        evidence = "held"
    begun = "voluntary" if one.status == "voluntary" else f"in force, {one.status}"
    status = begun if one.in_force_from <= day else f"applies from {one.in_force_from}"
    return RequirementRow(
        id=one.id,
        instrument=one.instrument,
        asks=one.asks,
        source=one.source,
        status=f"{status} ({one.doubt})" if one.doubt else status,
        sections=one.sections,
        evidence=evidence,
        digest=one.digest,
    )
