"""The port that knows callers, and the chain in which the prefix of a token decides.

People and machines are never mixed: a prefix leads to exactly one authenticator, which gives
principals of one kind; nothing falls through to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from starlette.requests import Request

    from include.access.principal import Principal

WORKLOAD_PREFIX = "awt."
SERVICE_PREFIX = "aws_"
PERSON_PREFIX = "awp_"


class Authenticator(Protocol):
    """Knows who sent a request."""

    async def principal(self, request: Request) -> Principal | None:
        """Return the caller, or nothing where the credentials are missing or no good."""


class Chain:
    """Asks the one authenticator that a token's prefix names.

    Args:
        by_prefix: Prefix of a bearer token, and who knows such tokens.
        otherwise: Who knows other tokens and cookies; nobody where it is left out.
    """

    def __init__(
        self, by_prefix: dict[str, Authenticator], otherwise: Authenticator | None = None
    ) -> None:
        self._by_prefix = by_prefix
        self._otherwise = otherwise

    async def principal(self, request: Request) -> Principal | None:
        """Return the caller."""
        token = bearer(request)
        for prefix, authenticator in self._by_prefix.items():
            if token.startswith(prefix):
                return await authenticator.principal(request)
        return await self._otherwise.principal(request) if self._otherwise else None


def bearer(request: Request) -> str:
    """Return the bearer token of a request, or an empty text."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
