"""Ten-minute tokens bound to a try of a task: HMAC-SHA-256 JSON Web Tokens of our own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from include.access.principal import Principal, Role, Scope, workload_id
from include.client.messages.base import RunRef
from include.client.messages.callers import Token
from plugins.airworthy.api.identity.authenticator import WORKLOAD_PREFIX, bearer

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from include.clock import Clock

LIFETIME = timedelta(minutes=10)
ALGORITHM = "HS256"
ISSUER = "airworthy"


class Claims(BaseModel):
    """What a token says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iss: Literal["airworthy"]
    aud: Literal["airworthy-control-plane"]
    exp: int
    tenant: str
    environment: str
    authn: Literal["claimed", "corroborated", "proven"]
    run: RunRef


class WorkloadTokens:
    """Issues tokens and knows them again.

    Args:
        key: Returns the signing key; asked at the first token, not before.
        scope: Tenant and environment of the workloads.
        clock: Says when a token ends.
    """

    def __init__(self, key: Callable[[], bytes], scope: Scope, clock: Clock) -> None:
        self._load = key
        self._scope = scope
        self._clock = clock

    @cached_property
    def _key(self) -> bytes:
        return self._load()

    def issue(self, run: RunRef, authn: Literal["claimed", "corroborated", "proven"]) -> Token:
        """Return a token for a try."""
        ends = (self._clock.now() + LIFETIME).replace(microsecond=0)
        claims = Claims(
            iss=ISSUER,
            aud="airworthy-control-plane",
            exp=int(ends.timestamp()),
            tenant=self._scope.tenant,
            environment=self._scope.environment,
            authn=authn,
            run=run,
        )
        signed = jwt.encode(claims.model_dump(mode="json"), self._key, algorithm=ALGORITHM)
        return Token(token=WORKLOAD_PREFIX + signed, expires_at=ends, authn=authn)

    def workload(self, run: RunRef, authn: str) -> Principal:
        """Return the principal of a try."""
        roles = frozenset({Role.WORKLOAD})
        return Principal("workload", workload_id(run), roles, authn, self._scope, run)

    async def principal(self, request: Request) -> Principal | None:
        """Return the workload of a token that this key signed and that has not ended."""
        return self.recognised(bearer(request))

    def recognised(self, token: str) -> Principal | None:
        """Return the workload of a token, or nothing."""
        if not token.startswith(WORKLOAD_PREFIX):
            return None
        try:
            # The injected clock decides about the end, so the library must not.
            options = {"verify_exp": False, "verify_aud": False}
            content = jwt.decode(
                token.removeprefix(WORKLOAD_PREFIX),
                self._key,
                algorithms=[ALGORITHM],
                options=options,  # type: ignore[arg-type]  # a TypedDict in the library only
            )
            claims = Claims.model_validate(content)
        except (jwt.InvalidTokenError, ValidationError):
            return None
        if self._clock.now() >= datetime.fromtimestamp(claims.exp, UTC):
            return None
        if Scope(claims.tenant, claims.environment) != self._scope:
            return None
        return self.workload(claims.run, claims.authn)
