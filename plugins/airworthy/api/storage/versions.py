"""Registered versions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Select, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from include.client.messages.registry import Version
from include.registry.semantic import parse
from plugins.airworthy.api.storage.base import Audited, OfRun, Table
from plugins.airworthy.api.storage.store import Store

if TYPE_CHECKING:
    from include.registry.semantic import Semantic

Json = list[dict[str, Any]]
_PLAIN = (
    "model",
    "package_uri",
    "package_digest",
    "model_digest",
    "signature",
    "dataset_digest",
    "spec_digest",
    "spec_uri",
    "mlflow_run_id",
    "release_policy",
    "registered_at",
)


class VersionRow(OfRun, Audited, Table):
    """A registered, frozen version."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("tenant", "environment", "model", "package_digest", name="package"),
    )

    model: Mapped[str] = mapped_column(primary_key=True)
    major: Mapped[int] = mapped_column(primary_key=True)
    minor: Mapped[int] = mapped_column(primary_key=True)
    patch: Mapped[int] = mapped_column(primary_key=True)
    package_uri: Mapped[str]
    package_digest: Mapped[str]
    model_digest: Mapped[str]
    signature: Mapped[str]
    dataset_digest: Mapped[str]
    spec_digest: Mapped[str]
    spec_uri: Mapped[str]
    metrics: Mapped[Json] = mapped_column(JSON)
    gates: Mapped[Json] = mapped_column(JSON)
    mlflow_run_id: Mapped[str]
    release_policy: Mapped[str]
    registered_at: Mapped[datetime]
    override: Mapped[dict[str, Any] | None] = mapped_column(
        "gate_override", JSON(none_as_null=True)
    )

    @property
    def subject(self) -> tuple[str, str]:
        """The version itself."""
        return "version", f"{self.model}/{self.major}.{self.minor}.{self.patch}"

    def message(self) -> Version:
        """Return the version as it travels."""
        return Version.model_validate({
            **{name: getattr(self, name) for name in _PLAIN},
            "version": f"{self.major}.{self.minor}.{self.patch}",
            "metrics": self.metrics,
            "gates": self.gates,
            "override": self.override,
            "run": self.run,
        })


class Versions(Store):
    """The versions of one scope."""

    def newest(self, model: str) -> Version | None:
        """Return the version with the greatest number."""
        wanted = self._of(model).order_by(
            VersionRow.major.desc(), VersionRow.minor.desc(), VersionRow.patch.desc()
        )
        row = self.session.scalar(wanted.limit(1))
        return row.message() if row else None

    def by_digest(self, model: str, package_digest: str) -> Version | None:
        """Return the version of a package."""
        row = self.session.scalar(
            self._of(model).where(VersionRow.package_digest == package_digest)
        )
        return row.message() if row else None

    def get(self, model: str, number: Semantic) -> Version | None:
        """Return one version."""
        key = (*self.key, model, number.major, number.minor, number.patch)
        row = self.session.get(VersionRow, key)
        return row.message() if row else None

    def of_model(self, model: str) -> tuple[Version, ...]:
        """Return the versions of a model, newest first."""
        rows = self.session.scalars(
            self._of(model).order_by(
                VersionRow.major.desc(), VersionRow.minor.desc(), VersionRow.patch.desc()
            )
        )
        return tuple(row.message() for row in rows)

    def add(self, version: Version) -> None:
        """Store a new version."""
        number = parse(version.version)
        self.session.add(
            VersionRow(
                **self.columns,
                **{name: getattr(version, name) for name in _PLAIN},
                **version.run.model_dump(),
                major=number.major,
                minor=number.minor,
                patch=number.patch,
                metrics=[metric.model_dump(mode="json") for metric in version.metrics],
                gates=[gate.model_dump(mode="json") for gate in version.gates],
                override=version.override.model_dump(mode="json") if version.override else None,
            )
        )
        self.session.flush()

    def _of(self, model: str) -> Select[tuple[VersionRow]]:
        return self.mine(VersionRow).where(VersionRow.model == model)
