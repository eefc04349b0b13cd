"""Which registrations are told to Airflow, and how: the registered-version event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from include.client.messages.registry import Version

KIND = "version_registered"


class Registered(BaseModel):
    """Payload of the event, as it waits in the outbox."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    version: str
    package_digest: str

    @property
    def asset_name(self) -> str:
        """Name of the asset whose event starts the release."""
        return f"airworthy_registered_{self.model}"

    @property
    def asset_uri(self) -> str:
        """URI of that asset."""
        return f"x-airworthy://models/{self.model}/registered"


def announcement(version: Version) -> Registered | None:
    """Return what to announce of a new version: nothing where a person starts its release."""
    if version.release_policy != "auto":
        return None
    return Registered(
        model=version.model, version=version.version, package_digest=version.package_digest
    )
