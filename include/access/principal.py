"""The caller of the control plane, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from include.client.messages.base import RunRef

Kind = Literal["person", "workload", "service", "system"]


class Role(StrEnum):
    """The last two are roles of machines and never of people."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"
    WORKLOAD = "workload"
    SERVICE = "service"


PEOPLE = frozenset({Role.VIEWER, Role.OPERATOR, Role.APPROVER, Role.AUDITOR, Role.ADMIN})
MACHINES = frozenset({Role.WORKLOAD, Role.SERVICE})

_AIRFLOW = {
    "viewer": frozenset({Role.VIEWER}),
    "user": frozenset({Role.VIEWER, Role.APPROVER}),
    "op": frozenset({Role.VIEWER, Role.OPERATOR}),
    "admin": frozenset({Role.VIEWER, Role.OPERATOR, Role.ADMIN}),
}


@dataclass(frozen=True)
class Scope:
    """The tenant and the environment that every key carries."""

    tenant: str
    environment: str


@dataclass(frozen=True)
class Principal:
    """Who is calling.

    Attributes:
        kind: Person, workload, service; ``system`` is the control plane itself.
        id: Name, unique within its kind.
        roles: Roles of ours.
        authn: How far the claim was checked, for example ``corroborated``.
        scope: Where the caller belongs; nothing outside it is visible.
        run: The try that a workload token is bound to.
    """

    kind: Kind
    id: str
    roles: frozenset[Role]
    authn: str
    scope: Scope
    run: RunRef | None = None

    @property
    def key(self) -> str:
        """Name that is unique over all kinds."""
        return f"{self.kind}:{self.id}"

    def is_same_run(self, run: RunRef) -> bool:
        """Return whether this is a workload of that run of that DAG."""
        own = self.run
        return own is not None and (own.dag_id, own.run_id) == (run.dag_id, run.run_id)


def system(scope: Scope) -> Principal:
    """Return the control plane itself, the actor of what time alone brings about."""
    return Principal("system", "control_plane", frozenset(), "internal", scope)


def workload_id(run: RunRef) -> str:
    """Return the id of a try: ``dag/run/task/try``, with the map index where there is one."""
    mapped = f"[{run.map_index}]" if run.map_index >= 0 else ""
    return f"{run.dag_id}/{run.run_id}/{run.task_id}{mapped}/{run.try_number}"


def from_airflow(names: frozenset[str]) -> frozenset[Role]:
    """Return our roles for the role names of Airflow's log-in; unknown ones give nothing."""
    return frozenset[Role]().union(*(_AIRFLOW.get(name.lower(), frozenset()) for name in names))
