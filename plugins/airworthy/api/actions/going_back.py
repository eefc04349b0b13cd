"""Takes people's wishes to go back, and follows them until a rollout has carried them out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ulid import ULID

from include.audit.occurrence import Occurrence
from include.client.messages.plans import RollbackRequest
from include.errors import BadInput, Conflict, Forbidden, NotFound
from include.rollout.rollbacks import KIND, announcement, check_carries, check_possible
from include.rollout.stopping import SHORTEST_REASON
from plugins.airworthy.api.actions import stopping

if TYPE_CHECKING:
    from include.client.messages.plans import RequestRollback
    from include.client.messages.rollouts import EndpointRecord, OpenRollout, Rollout
    from plugins.airworthy.api.storage.work import Work

ANNOUNCE_AGAIN = timedelta(seconds=60)
"""A request that no rollout has taken by then is told to Airflow again when somebody asks again."""


def request(work: Work, name: str, message: RequestRollback) -> RollbackRequest:
    """Ask for the previous version; asked again, the same open request answers.

    While a rollout is open its candidate is stopped and the live version stays. Otherwise the live
    version has to go, and a release is started that brings back the one before it.

    Raises:
        NotFound: There is no such endpoint.
        Forbidden: A machine asks.
        BadInput: There is no reason.
        Conflict: Another version is live than the person saw, or none is known to go back to.
    """
    _check_person(work, message)
    work.endpoints.hold("endpoint", name)
    endpoint = work.endpoints.get(name)
    if endpoint is None:
        raise NotFound(f"no endpoint {name}", remedy="List the endpoints")
    known = work.rollbacks.open_of(name)
    if known is not None:
        return _asked_again(work, known)
    running = work.rollouts.get(endpoint.owner) if endpoint.owner else None
    return _to_stop(work, running, message) if running else _to_go(work, endpoint, message)


def claim(
    work: Work, endpoint: EndpointRecord, message: OpenRollout, rollout_id: str
) -> RollbackRequest | None:
    """Let a rollout carry out the request that it names; others wait while there is one.

    Raises:
        BadInput: There is no such request, or it is about another version.
        Conflict: It is carried out already, or people asked to go back and this does something
            else.
    """
    pending = work.rollbacks.open_of(endpoint.name)
    if not message.rollback_id:
        if pending is not None:
            raise Conflict(
                f"{pending.by} asked to go back to {pending.version}, and this comes first",
                where=f"endpoint {endpoint.name}",
                value=message.version,
                remedy=f"Wait until rollback {pending.id} is carried out",
            )
        return None
    known = work.rollbacks.get(message.rollback_id)
    check_carries(known, message, endpoint)
    return _put(work, known, "claimed", rollout_id=rollout_id) if known else None


def close(work: Work, ended: Rollout) -> None:
    """Close the request that an ended rollout was about, however it ended."""
    pending = work.rollbacks.open_of(ended.endpoint)
    if pending is not None and pending.rollout_id == ended.id:
        _put(work, pending, "closed", closed_at=work.now)


def _check_person(work: Work, message: RequestRollback) -> None:
    if work.caller.kind != "person":
        raise Forbidden("only people ask to go back", remedy="Log in as a person")
    if len(message.reason.strip()) < SHORTEST_REASON:
        raise BadInput("no reason", where="reason", remedy="Say why it has to go")


def _asked_again(work: Work, known: RollbackRequest) -> RollbackRequest:
    if not known.rollout_id and work.now - known.at >= ANNOUNCE_AGAIN:
        work.outbox.add(KIND, announcement(known), work.now)
    return known


def _to_stop(work: Work, running: Rollout, message: RequestRollback) -> RollbackRequest:
    _check_saw(running.endpoint, running.stable_version, message)
    stopping.ask(work, running, message.reason)
    wish = RollbackRequest(
        id=str(ULID.from_datetime(work.now)),
        kind="stop",
        endpoint=running.endpoint,
        model=running.model,
        version=running.stable_version,
        from_version=running.version,
        by=work.caller.id,
        reason=message.reason,
        at=work.now,
        rollout_id=running.id,
    )
    return _put(work, wish, "requested")


def _to_go(work: Work, endpoint: EndpointRecord, message: RequestRollback) -> RollbackRequest:
    check_possible(endpoint, message.live_version)
    wish = RollbackRequest(
        id=str(ULID.from_datetime(work.now)),
        kind="rollback",
        endpoint=endpoint.name,
        model=endpoint.model,
        version=endpoint.rollback_target,
        from_version=endpoint.live_version,
        by=work.caller.id,
        reason=message.reason,
        at=work.now,
    )
    work.outbox.add(KIND, announcement(wish), work.now)
    return _put(work, wish, "requested")


def _check_saw(endpoint: str, live: str, message: RequestRollback) -> None:
    if message.live_version != live:
        raise Conflict(
            f"live is {live or 'nothing'}",
            where=f"endpoint {endpoint}",
            value=message.live_version,
            remedy="Look at the endpoint again",
        )


def _put(work: Work, wish: RollbackRequest, verb: str, **change: object) -> RollbackRequest:
    changed = wish.model_copy(update=change)
    work.rollbacks.put(changed)
    code = f"{changed.endpoint}: {changed.from_version} -> {changed.version or 'nothing'}"
    reason = changed.reason[: stopping.LONGEST] if verb == "requested" else ""
    work.tell(Occurrence(f"rollback.{verb}", "rollback", changed.id, code=code, reason=reason))
    return changed
