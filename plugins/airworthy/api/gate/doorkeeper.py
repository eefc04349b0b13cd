"""Who is calling. Without a principal nothing behind this door answers, not even with a 404.

It stands before routing, so that a route, a mounted folder or a page that somebody adds later is
closed by itself. The one open route exchanges the workload secret for a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from plugins.airworthy.api.gate.journal import PRINCIPAL
from plugins.airworthy.api.problems import Unauthenticated, of_error, response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from plugins.airworthy.api.identity.authenticator import Authenticator

OPEN = frozenset({("POST", "/api/v1/tokens")})


class Doorkeeper:
    """ASGI middleware.

    Args:
        app: What it guards.
        authenticator: Knows the callers.
    """

    def __init__(self, app: ASGIApp, authenticator: Authenticator) -> None:
        self._app = app
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests of known callers; websockets are not spoken here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        if (scope["method"], _path(scope)) not in OPEN:
            principal = await self._authenticator.principal(Request(scope))
            if principal is None:
                await response(of_error(_unknown(), scope["path"]))(scope, receive, send)
                return
            scope[PRINCIPAL] = principal
        await self._app(scope, receive, send)


def _unknown() -> Unauthenticated:
    return Unauthenticated("not logged in", remedy="Send a bearer token, or log in to Airflow")


def _path(scope: Scope) -> str:
    """Return the path below the mount point."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))
