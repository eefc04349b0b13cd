"""Registers packages as semantic versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.access.naming import check_name
from include.access.permission import check_run
from include.audit.occurrence import Occurrence
from include.client.messages.registry import Version
from include.decisions.overriding import Judged, check_override
from include.errors import NotFound
from include.registry.announcing import KIND, announcement
from include.registry.semantic import following, parse
from plugins.airworthy.api.actions import stopping

if TYPE_CHECKING:
    from include.client.messages.registry import GateOverride, RegisterVersion
    from plugins.airworthy.api.storage.work import Stores, Work


def register(work: Work, message: RegisterVersion) -> Version:
    """Give a package the next number of its model; the same package keeps the one it has.

    A version that is released by itself takes the place of a rollout under way whose plan says so.

    Raises:
        Forbidden: A workload speaks for another run.
        BadInput: It is no model name.
        Conflict: Its gates did not all pass, and nobody with the right to it said that it may be
            registered all the same.
    """
    check_run(work.caller, message.run)
    model = check_name("model", message.model)
    override = _override(work, message)
    work.versions.hold("model", model)
    known = work.versions.by_digest(model, message.package_digest)
    if known is not None:
        return known
    number = following(work.versions.newest(model), message)
    told = {name: value for name, value in message if name != "override_id"}
    version = Version(**told, version=str(number), registered_at=work.now, override=override)
    work.versions.add(version)
    work.tell(
        Occurrence(
            "version.registered",
            "version",
            f"{model}/{number}",
            object_digest=version.package_digest,
            code=_code(version),
        )
    )
    letter = announcement(version)
    if letter is not None:
        work.outbox.add(KIND, letter, work.now)
        stopping.supersede(work, version)
    return version


def _override(work: Work, message: RegisterVersion) -> GateOverride | None:
    judged = Judged(
        model=message.model,
        model_digest=message.model_digest,
        dataset_digest=message.dataset_digest,
        spec_digest=message.spec_digest,
        gates=message.gates,
    )
    decision = work.decisions.get(message.override_id) if message.override_id else None
    return check_override(decision, judged, message.run)


def _code(version: Version) -> str:
    release = f"release_{version.release_policy}"
    return f"{release} decision {version.override.decision_id}" if version.override else release


def one(stores: Stores, model: str, version: str) -> Version:
    """Return one version.

    Raises:
        NotFound: There is none of that number.
    """
    found = stores.versions.get(model, parse(version))
    if found is None:
        raise NotFound(f"no version {version} of {model}", remedy="List the model's versions")
    return found
