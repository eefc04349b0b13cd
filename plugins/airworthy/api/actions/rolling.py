"""Opens rollouts and moves them along the table of states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ulid import ULID

from include.access.naming import check_name
from include.access.permission import check_run
from include.audit.occurrence import Occurrence
from include.client.messages.plans import StageState
from include.client.messages.rollouts import EndpointRecord, Rollout, RolloutState
from include.decisions.approving import Matter, check_approval
from include.errors import Conflict, FencedOut, Forbidden, NotFound
from include.rollout import planning
from include.rollout.clearing import ENDED
from include.rollout.ownership import check_free
from include.rollout.rollbacks import target_after
from include.rollout.safety import check_end, check_not_stopped, check_promotable
from include.rollout.states import BY_PEOPLE, check_move, is_end
from plugins.airworthy.api.actions import going_back, stopping
from plugins.airworthy.api.actions.registering import one as version_of

if TYPE_CHECKING:
    from datetime import datetime

    from include.client.messages.audit import Event
    from include.client.messages.plans import StageRecord
    from include.client.messages.rollouts import MoveRollout, OpenRollout
    from plugins.airworthy.api.storage.work import Stores, Work


def one(stores: Stores, rollout_id: str) -> Rollout:
    """Return one rollout.

    Raises:
        NotFound: There is none of that id.
    """
    found = stores.rollouts.get(rollout_id)
    if found is None:
        raise NotFound(f"no rollout {rollout_id}", remedy="List the rollouts")
    return found


def events(stores: Stores, rollout_id: str) -> tuple[Event, ...]:
    """Return the audit events of one rollout, oldest first.

    Raises:
        NotFound: There is none of that id.
    """
    return stores.trail.about("rollout", one(stores, rollout_id).id)


def open_rollout(work: Work, message: OpenRollout) -> Rollout:
    """Begin a rollout and take the endpoint; the same run gets the rollout it has.

    Raises:
        Forbidden: A workload speaks for another run.
        Conflict: Another rollout owns the endpoint, the run began another one on it, people asked
            to go back first, or the plan does not fit what is live.
        BadInput: The plan's stages are no way up, or its request to go back is another one's.
        NotFound: The version is not registered.
    """
    check_run(work.caller, message.run)
    name, model = check_name("endpoint", message.endpoint), check_name("model", message.model)
    work.endpoints.hold("endpoint", name)
    known = work.rollouts.of_run(name, message.run.dag_id, message.run.run_id)
    if known is not None:
        return _same(known, message)
    version = version_of(work, model, message.version)
    endpoint = work.endpoints.get(name) or EndpointRecord(
        name=name, model=model, owner="", fencing_token=0, revision=0, variants=()
    )
    token = check_free(endpoint, model)
    planning.check(message.plan, endpoint.live_version, message.rollback_id)
    _check_not_live(endpoint, message.version)
    rollout = _opened(work, message, endpoint, token)
    going_back.claim(work, endpoint, message, rollout.id)
    work.endpoints.put(endpoint.model_copy(update={"owner": rollout.id, "fencing_token": token}))
    work.rollouts.put(rollout)
    work.tell(Occurrence("endpoint.claimed", "endpoint", name, code=f"token {token}"))
    work.tell(
        Occurrence("rollout.opened", "rollout", rollout.id, object_digest=version.package_digest)
    )
    return rollout


def _opened(work: Work, message: OpenRollout, endpoint: EndpointRecord, token: int) -> Rollout:
    return Rollout(
        **dict(message),
        id=str(ULID.from_datetime(work.now)),
        stable_version=endpoint.live_version,
        plan_digest=planning.digest_of(message.plan),
        state=RolloutState.OPENED,
        reason="",
        fencing_token=token,
        is_first_release=not endpoint.live_version,
        opened_at=work.now,
    )


def move(work: Work, rollout_id: str, message: MoveRollout) -> Rollout:
    """Move a rollout; the same move again changes nothing and answers the same.

    A person's stop is only recorded: the rollout's owner has to make the endpoint safe and end it.

    Raises:
        Forbidden: A workload of another run, or a person who wants more than to stop.
        FencedOut: The token is not the rollout's.
        StopRequested: People asked it to stop, and this would lead further.
        Conflict: The table knows no such move, people have not approved, or the end would leave
            the endpoint with a version that nobody promoted.
    """
    rollout = one(work, rollout_id)
    work.endpoints.hold("endpoint", rollout.endpoint)
    rollout = one(work, rollout_id)
    _check_mover(work, rollout, message)
    if work.caller.kind == "person":
        return stopping.ask(work, rollout, message.reason)
    if message.state is rollout.state:
        return rollout
    check_move(rollout.id, rollout.state, message.state)
    _check_way(rollout, message.state)
    if not is_end(message.state):
        check_not_stopped(rollout)
    if is_end(message.state):
        return end(work, rollout, message.state, message.reason)
    return _go_on(work, rollout, message)


def end(work: Work, rollout: Rollout, state: RolloutState, reason: str) -> Rollout:
    """End a rollout and give its endpoint back; a promoted version is live from now on.

    Raises:
        Conflict: The endpoint would be left with a version that nobody promoted.
    """
    endpoint = work.endpoints.get(rollout.endpoint)
    is_mine = endpoint is not None and endpoint.owner == rollout.id
    if endpoint is not None and is_mine:
        check_end(rollout, endpoint, state)
    ended = rollout.model_copy(
        update={
            "state": state,
            "reason": reason,
            "ended_at": work.now,
            "stages": tuple(_closed(record, work.now, reason) for record in rollout.stages),
        }
    )
    work.rollouts.put(ended)
    _tell(work, ended)
    if endpoint is not None and is_mine:
        _give_back(work, endpoint, ended)
    going_back.close(work, ended)
    return ended


def _give_back(work: Work, endpoint: EndpointRecord, ended: Rollout) -> None:
    freed = endpoint.model_copy(update={"owner": ""})
    if ended.state is RolloutState.PROMOTED:
        history = work.rollouts.of_endpoint(endpoint.name)
        earlier = (rollout for rollout in history if rollout.id != ended.id)
        target = target_after(ended, earlier)
        change = {"live_version": ended.version, "rollback_target": target}
        freed = freed.model_copy(update=change)
    work.endpoints.put(freed)
    live = f"live {freed.live_version or 'none'}"
    work.tell(Occurrence("endpoint.released", "endpoint", endpoint.name, code=live))


def _closed(record: StageRecord, now: datetime, reason: str) -> StageRecord:
    if record.state in ENDED:
        return record
    abandoned = {"state": StageState.ABANDONED, "ended_at": now, "reason": reason}
    return record.model_copy(update=abandoned)


def _go_on(work: Work, rollout: Rollout, message: MoveRollout) -> Rollout:
    change = {"state": message.state, "reason": message.reason}
    if message.state is RolloutState.APPROVED:
        _check_approved(work, rollout, message.decision_id)
        change["decision_id"] = message.decision_id
    moved = rollout.model_copy(update=change)
    work.rollouts.put(moved)
    _tell(work, moved)
    return moved


def _check_approved(work: Work, rollout: Rollout, decision_id: str) -> None:
    if not (rollout.approval_required or decision_id):
        return
    package = version_of(work, rollout.model, rollout.version).package_digest
    matter = Matter(rollout.id, rollout.run, package)
    check_approval(work.decisions.get(decision_id) if decision_id else None, matter)


def _tell(work: Work, rollout: Rollout) -> None:
    is_decided = rollout.state is RolloutState.APPROVED and rollout.decision_id
    work.tell(
        Occurrence(
            f"rollout.{rollout.state}",
            "rollout",
            rollout.id,
            code=f"decision {rollout.decision_id}" if is_decided else "",
            reason=rollout.reason[: stopping.LONGEST],
        )
    )


def _same(known: Rollout, message: OpenRollout) -> Rollout:
    was = (known.model, known.version, known.plan, known.rollback_id)
    if was != (message.model, message.version, message.plan, message.rollback_id):
        raise Conflict(
            f"the run rolls out {known.model} {known.version} already",
            where=f"rollout {known.id}",
            value=f"{message.model} {message.version}",
            remedy="The plan is frozen at the start; start another run",
        )
    return known


def _check_not_live(endpoint: EndpointRecord, version: str) -> None:
    if version == endpoint.live_version:
        raise Conflict(
            f"{version} is live already",
            where=f"endpoint {endpoint.name}",
            remedy="Nothing is left to do",
        )


def _check_way(rollout: Rollout, state: RolloutState) -> None:
    if state is RolloutState.STAGED:
        raise Conflict(
            "a rollout comes to its stages with the first one",
            where=f"rollout {rollout.id}",
            value=str(state),
            remedy="Move stage 0 to applied",
        )
    if state is RolloutState.PROMOTED:
        check_not_stopped(rollout)
        check_promotable(rollout)


def _check_mover(work: Work, rollout: Rollout, message: MoveRollout) -> None:
    check_run(work.caller, rollout.run)
    if work.caller.kind == "person" and message.state not in BY_PEOPLE:
        raise Forbidden(
            "people may stop a rollout, and nothing else",
            where=f"rollout {rollout.id}",
            value=str(message.state),
            remedy="Answer its decision instead",
        )
    if message.fencing_token != rollout.fencing_token:
        raise FencedOut(
            "not the token of the rollout",
            where=f"rollout {rollout.id}",
            value=message.fencing_token,
            remedy="Read the rollout again",
        )
