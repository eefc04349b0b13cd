"""People and services of a control plane that runs alone: a JSON file of token digests.

The file is a list of ``{"sha256", "kind": "person" | "service", "id", "roles"}``, where ``sha256``
is the digest of the token, never the token. Tokens of people begin with ``awp_``, those of
services with ``aws_``; ``tenant`` and ``environment`` may be given and are the installation's
otherwise.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from include import digest
from include.access.principal import PEOPLE, Principal, Role, Scope
from include.errors import BadInput
from plugins.airworthy.api.identity.authenticator import PERSON_PREFIX, SERVICE_PREFIX, bearer

if TYPE_CHECKING:
    from typing import Self

    from starlette.requests import Request

_PREFIX = {"person": PERSON_PREFIX, "service": SERVICE_PREFIX}


class Bearer(BaseModel):
    """One known token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    kind: Literal["person", "service"]
    id: str = Field(pattern=r"^[A-Za-z0-9_.@+-]{1,100}$")
    roles: frozenset[Role]
    tenant: str = ""
    environment: str = ""

    @model_validator(mode="after")
    def _no_mixture(self) -> Self:
        allowed = PEOPLE if self.kind == "person" else {Role.SERVICE}
        if not self.roles or not self.roles <= allowed:
            raise ValueError(f"a {self.kind} may have these roles: {', '.join(sorted(allowed))}")
        return self


class TokenFile:
    """Knows the bearers of a file.

    Args:
        bearers: The known tokens.
        scope: Tenant and environment where an entry names none.
    """

    def __init__(self, bearers: tuple[Bearer, ...], scope: Scope) -> None:
        self._bearers = {known.sha256: known for known in bearers}
        self._scope = scope

    async def principal(self, request: Request) -> Principal | None:
        """Return the person or service of a token that has the prefix of its kind."""
        token = bearer(request)
        # A look-up by digest: its time tells nothing of the tokens themselves.
        known = self._bearers.get(digest.of_bytes(token.encode()))
        if known is None or not token.startswith(_PREFIX[known.kind]):
            return None
        scope = Scope(
            known.tenant or self._scope.tenant, known.environment or self._scope.environment
        )
        return Principal(known.kind, known.id, known.roles, "token", scope)


def read(path: str, scope: Scope) -> TokenFile:
    """Return the bearers of a file; of no file, nobody.

    Raises:
        BadInput: It cannot be read, or is not such a list.
    """
    if not path:
        return TokenFile((), scope)
    try:
        content = Path(path).read_bytes()
        known = TypeAdapter(tuple[Bearer, ...]).validate_json(content)
    except (OSError, ValidationError) as cause:
        told = cause.errors()[0]["msg"] if isinstance(cause, ValidationError) else cause.strerror
        raise BadInput(
            "no usable token file",
            where=path,
            value=told,
            remedy="See the documentation of AIRWORTHY_TOKENS_FILE",
        ) from cause
    return TokenFile(known, scope)
