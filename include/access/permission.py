"""One table: every action of the control plane, and the roles that may take it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from include.access.principal import MACHINES, PEOPLE, Role
from include.errors import Forbidden

if TYPE_CHECKING:
    from include.access.principal import Principal
    from include.client.messages.base import RunRef


class Action(StrEnum):
    """What a caller can want."""

    KNOW_SELF = "know_self"
    READ = "read"
    READ_EVENTS = "read_events"
    REGISTER_VERSION = "register_version"
    WANT_VARIANTS = "want_variants"
    OPEN_ROLLOUT = "open_rollout"
    MOVE_ROLLOUT = "move_rollout"
    MOVE_STAGE = "move_stage"
    LOOK_AT_STAGE = "look_at_stage"
    REQUEST_ROLLBACK = "request_rollback"
    BREAK_ENDPOINT = "break_endpoint"
    RECLAIM_ENDPOINT = "reclaim_endpoint"
    OPEN_DECISION = "open_decision"
    ANSWER_DECISION = "answer_decision"
    EXTEND_DECISION = "extend_decision"
    RAISE_ALERT = "raise_alert"
    REPORT_RUN = "report_run"


_ALL = PEOPLE | MACHINES
_WORKLOAD = frozenset({Role.WORKLOAD})
DECIDING = frozenset({Role.OPERATOR, Role.APPROVER, Role.ADMIN})

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.KNOW_SELF: _ALL,
    Action.READ: _ALL,
    Action.READ_EVENTS: frozenset({Role.AUDITOR, Role.ADMIN}),
    Action.REGISTER_VERSION: _WORKLOAD,
    Action.WANT_VARIANTS: _WORKLOAD,
    Action.OPEN_ROLLOUT: _WORKLOAD,
    Action.MOVE_ROLLOUT: _WORKLOAD | {Role.OPERATOR, Role.ADMIN},
    Action.MOVE_STAGE: _WORKLOAD,
    Action.LOOK_AT_STAGE: _WORKLOAD,
    Action.REQUEST_ROLLBACK: DECIDING,
    Action.BREAK_ENDPOINT: frozenset({Role.ADMIN}),
    Action.RECLAIM_ENDPOINT: _WORKLOAD,
    Action.OPEN_DECISION: _WORKLOAD | {Role.OPERATOR, Role.ADMIN},
    Action.ANSWER_DECISION: DECIDING,
    Action.EXTEND_DECISION: DECIDING,
    Action.RAISE_ALERT: MACHINES,
    Action.REPORT_RUN: _WORKLOAD,
}


def check(principal: Principal, action: Action) -> None:
    """Let pass who may take the action.

    Raises:
        Forbidden: The caller has none of the roles.
    """
    if not principal.roles & ALLOWED[action]:
        raise Forbidden(
            f"{principal.key} may not {action.replace('_', ' ')}",
            value=sorted(principal.roles),
            remedy=f"One of these roles may: {', '.join(sorted(ALLOWED[action]))}",
        )


def check_run(principal: Principal, run: RunRef) -> None:
    """Let pass people and services, and the workloads of that very run.

    Raises:
        Forbidden: A workload speaks for the run of another.
    """
    if principal.kind == "workload" and not principal.is_same_run(run):
        raise Forbidden(
            f"{principal.key} may not speak for another run",
            value=f"{run.dag_id}/{run.run_id}",
            remedy="Name the run that the token was issued for",
        )
