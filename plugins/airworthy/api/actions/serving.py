"""Changes what endpoints should be, and frees those whose owner died."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.access.permission import check_run
from include.audit.occurrence import Occurrence
from include.client.messages.rollouts import RolloutState
from include.errors import BadInput, Conflict, NotFound
from include.rollout.ownership import check_token
from include.rollout.safety import check_wanted, current_stage, is_of_stage, told
from include.rollout.stages import settled
from include.rollout.variants import check as check_variants
from plugins.airworthy.api.actions import staging
from plugins.airworthy.api.actions.registering import one as version_of
from plugins.airworthy.api.actions.rolling import end
from plugins.airworthy.api.actions.rolling import one as rollout_of

if TYPE_CHECKING:
    from include.client.messages.plans import StageRecord
    from include.client.messages.rollouts import (
        BreakEndpoint,
        EndpointRecord,
        ReclaimEndpoint,
        Rollout,
        WantVariants,
    )
    from plugins.airworthy.api.storage.work import Stores, Work


def one(stores: Stores, name: str) -> EndpointRecord:
    """Return one endpoint.

    Raises:
        NotFound: There is none of that name.
    """
    found = stores.endpoints.get(name)
    if found is None:
        raise NotFound(f"no endpoint {name}", remedy="List the endpoints")
    return found


def want(work: Work, name: str, message: WantVariants) -> EndpointRecord:
    """Change the wanted variants, as the owner; each change is a new revision.

    Raises:
        FencedOut: The caller does not own the endpoint any more.
        Forbidden: A workload of another run than the owner's.
        Conflict: The rollout has not come that far, or people asked it to stop.
        BadInput: The variants are no split, or not of registered packages.
    """
    work.endpoints.hold("endpoint", name)
    endpoint = one(work, name)
    check_token(endpoint, message.fencing_token)
    owner = rollout_of(work, endpoint.owner)
    check_run(work.caller, owner.run)
    check_variants(message.variants)
    _check_registered(work, endpoint.model, message)
    check_wanted(owner, endpoint.live_version, message.variants)
    due = _due_stage(owner, endpoint, message)
    # A stage that begins, or is watched anew, is a phase of its own and needs its own revision.
    is_new_phase = due is not None and not due.revision
    is_overtaken = message.seen_revision > endpoint.revision
    if message.variants != endpoint.variants or is_overtaken or is_new_phase:
        changed = endpoint.model_copy(update={"variants": message.variants})
        endpoint = _put(work, changed, message.seen_revision)
    if due is not None:
        staging.wanted(work, owner, endpoint.revision)
    return endpoint


def break_open(work: Work, name: str, message: BreakEndpoint) -> EndpointRecord:
    """Free an endpoint whose owner died; its rollout ends as stopped.

    The live version is wanted with all traffic, under a new fencing token: whatever the old owner
    still tries is refused, here and by the driver.

    Raises:
        Conflict: Nobody owns it, or another version is live than the caller says.
    """
    work.endpoints.hold("endpoint", name)
    endpoint = one(work, name)
    owner = work.rollouts.get(endpoint.owner) if endpoint.owner else None
    if owner is None:
        raise Conflict("nobody owns the endpoint", where=f"endpoint {name}", remedy="Go on")
    if message.live_version != endpoint.live_version:
        raise Conflict(
            f"live is {endpoint.live_version or 'nothing'}",
            where=f"endpoint {name}",
            value=message.live_version,
            remedy="Look at the endpoint again, and name what is to be left",
        )
    return _free(
        work,
        endpoint,
        owner,
        Occurrence("endpoint.broken", "endpoint", name, code=owner.id, reason=message.reason),
    )


def reclaim(work: Work, name: str, message: ReclaimEndpoint) -> EndpointRecord:
    """Free an endpoint whose owner's run is over, as ``break_open`` does for a person.

    Raises:
        Conflict: Another rollout owns it, or none.
    """
    work.endpoints.hold("endpoint", name)
    endpoint = one(work, name)
    owner = rollout_of(work, message.rollout)
    if endpoint.owner != owner.id:
        raise Conflict(
            f"rollout {endpoint.owner} owns the endpoint" if endpoint.owner else "nobody owns it",
            where=f"endpoint {name}",
            value=message.rollout,
            remedy="Look at the endpoint again",
        )
    reason = f"its run {owner.run.run_id} of {owner.run.dag_id} is over and did not settle it"
    return _free(
        work,
        endpoint,
        owner,
        Occurrence("endpoint.reclaimed", "endpoint", name, code=owner.id, reason=reason),
    )


def _free(
    work: Work, endpoint: EndpointRecord, owner: Rollout, event: Occurrence
) -> EndpointRecord:
    """Want the live version alone, under a new token, and end the owner as stopped."""
    live = endpoint.live_version
    safe = settled(version_of(work, endpoint.model, live) if live else None)
    token = endpoint.fencing_token + 1
    _put(work, endpoint.model_copy(update={"variants": safe, "fencing_token": token}))
    end(work, owner, RolloutState.STOPPED, event.reason)
    work.tell(event)
    return one(work, endpoint.name)


def _due_stage(
    owner: Rollout, endpoint: EndpointRecord, message: WantVariants
) -> StageRecord | None:
    """Return the stage whose split this is; None where it is none's."""
    stage = current_stage(owner)
    live = endpoint.live_version
    if stage is None or not is_of_stage(message.variants, stage, live, owner.version):
        return None
    return owner.stages[-1]


def _put(work: Work, endpoint: EndpointRecord, seen_revision: int = 0) -> EndpointRecord:
    revision = max(endpoint.revision, seen_revision) + 1
    wanted = endpoint.model_copy(update={"revision": revision})
    work.endpoints.put(wanted)
    code = f"r{wanted.revision}: {told(wanted.variants)}"
    work.tell(Occurrence("endpoint.wanted", "endpoint", wanted.name, code=code))
    return wanted


def _check_registered(work: Work, model: str, message: WantVariants) -> None:
    for variant in message.variants:
        registered = version_of(work, model, variant.version)
        if registered.package_digest != variant.package_digest:
            raise BadInput(
                "not the package of that version",
                where=f"variant {variant.name}",
                value=variant.package_digest,
                remedy=f"{model} {variant.version} is package {registered.package_digest}",
            )
