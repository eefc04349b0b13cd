"""Digests of everything that figures come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Missing, Section, Table
from include.compliance.sections.parts import facts, gaps

if TYPE_CHECKING:
    from include.compliance.evidence import Evidence
    from include.serving.package import PackageManifest

ID = "digests"


def section(evidence: Evidence) -> Section:
    """Return the section."""
    version, manifest, run = evidence.version, evidence.documents.package, evidence.run
    objects = Table(
        title="Objects",
        columns=("evidence", "SHA-256", "checked", "bytes", "URI"),
        rows=tuple((i.name, i.sha256, i.check, i.size, i.uri) for i in evidence.items),
    )
    return Section(
        id=ID,
        title="Digests of the evidence",
        facts=facts(
            package=version.package_digest,
            model=version.model_digest,
            dataset=version.dataset_digest,
            spec=version.spec_digest,
        ),
        tables=(objects, *_files(manifest)),
        notes=(
            "`matches`: read while this report was made, and its bytes have the recorded digest. "
            "`read`: no digest of the bytes is recorded; this one was taken now. `recorded`: "
            "taken from the registry, not read.",
        ),
        sources=tuple(item.name for item in evidence.items),
        gaps=gaps(ID, run, manifest),
    )


def _files(manifest: PackageManifest | Missing) -> tuple[Table, ...]:
    if isinstance(manifest, Missing):
        return ()
    rows = tuple((file.path, file.sha256, file.size) for file in manifest.files)
    title = "Files of the package, by its manifest"
    return (Table(title=title, columns=("file", "SHA-256", "bytes"), rows=rows),)
