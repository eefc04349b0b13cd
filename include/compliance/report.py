"""Putting a report together from evidence and a requirement pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance import requirements
from include.compliance.records import Contents, Missing
from include.compliance.sections import ALL

if TYPE_CHECKING:
    from datetime import date

    from include.compliance.evidence import Evidence
    from include.compliance.requirements import Pack


def contents(evidence: Evidence, pack: Pack, as_of: date) -> Contents:
    """Return the report but for its time: the same evidence gives the same.

    Raises:
        BadInput: the pack names a section that there is not.
    """
    sections = tuple(section(evidence) for section in ALL)
    spec, version = evidence.documents.spec, evidence.version
    found = tuple(gap for section in sections for gap in section.gaps)
    return Contents(
        model=version.model,
        version=version.version,
        title=version.model if isinstance(spec, Missing) else spec.spec.title,
        as_of=as_of,
        pack=pack.pack,
        pack_digest=pack.digest,
        gaps=(*found, *requirements.gaps(pack, as_of)),
        requirements=requirements.rows(pack, as_of, sections),
        sections=sections,
        evidence=evidence.items,
    )
