"""People who are logged in to Airflow, by cookie or bearer token, with their roles mapped to ours.

Airflow verifies the credentials; nothing here looks at a signature. Its machine account is no
person: whoever comes under that name is a service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
from airflow.api_fastapi.core_api.security import get_user
from fastapi import HTTPException
from fastapi.security import HTTPAuthorizationCredentials

from include.access.principal import Principal, Role, Scope, from_airflow
from plugins.airworthy.api.identity.authenticator import bearer

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
    from starlette.requests import Request


class AirflowLogin:
    """Knows the users of Airflow's auth manager.

    Args:
        scope: Tenant and environment of everybody who logs in to this Airflow.
        machine: Name of the machine account.
    """

    def __init__(self, scope: Scope, machine: str) -> None:
        self._scope = scope
        self._machine = machine

    async def principal(self, request: Request) -> Principal | None:
        """Return the user, or nothing where Airflow knows none or gave no role of ours."""
        token = bearer(request)
        given = HTTPAuthorizationCredentials(scheme="Bearer", credentials=token) if token else None
        try:
            user: BaseUser = await get_user(request, None, given)
        except HTTPException:
            return None
        name = str(user.get_name())
        if name == self._machine:
            service = frozenset({Role.SERVICE})
            return Principal("service", name, service, "airflow", self._scope)
        roles = from_airflow(role_names(user))
        return Principal("person", name, roles, "airflow", self._scope) if roles else None


def role_names(user: Any) -> frozenset[str]:
    """Return the names of a user's roles, as each auth manager keeps them."""
    role = getattr(user, "role", None)
    if isinstance(role, str):
        return frozenset({role})
    roles = getattr(user, "roles", None)
    if roles is not None:
        return frozenset(str(role.name) for role in roles)
    token = getattr(user, "access_token", None)
    if not isinstance(token, str):
        return frozenset()
    # Keycloak's manager has verified this token; only its claims are read.
    claims = jwt.decode(token, options={"verify_signature": False})
    return frozenset(map(str, claims.get("realm_access", {}).get("roles", ())))
