"""Registers packages as semantic versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.access.naming import check_name
from include.access.permission import check_run
from include.audit.occurrence import Occurrence
from include.client.messages.registry import Version
from include.errors import NotFound
from include.registry.announcing import KIND, announcement
from include.registry.semantic import following, parse

if TYPE_CHECKING:
    from include.client.messages.registry import RegisterVersion
    from plugins.airworthy.api.storage.work import Stores, Work


def register(work: Work, message: RegisterVersion) -> Version:
    """Give a package the next number of its model; the same package keeps the one it has.

    Raises:
        Forbidden: A workload speaks for another run.
        BadInput: It is no model name.
    """
    check_run(work.caller, message.run)
    model = check_name("model", message.model)
    work.versions.hold("model", model)
    known = work.versions.by_digest(model, message.package_digest)
    if known is not None:
        return known
    number = following(work.versions.newest(model), message)
    version = Version(**dict(message), version=str(number), registered_at=work.now)
    work.versions.add(version)
    work.tell(
        Occurrence(
            "version.registered",
            "version",
            f"{model}/{number}",
            object_digest=version.package_digest,
            code=f"release_{version.release_policy}",
        )
    )
    letter = announcement(version)
    if letter is not None:
        work.outbox.add(KIND, letter, work.now)
    return version


def one(stores: Stores, model: str, version: str) -> Version:
    """Return one version.

    Raises:
        NotFound: There is none of that number.
    """
    found = stores.versions.get(model, parse(version))
    if found is None:
        raise NotFound(f"no version {version} of {model}", remedy="List the model's versions")
    return found
