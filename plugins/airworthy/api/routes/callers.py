"""Who is calling, and tokens for workloads."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request

from include.access.permission import Action
from include.client.messages.callers import Caller, Token, TokenRequest
from plugins.airworthy.api.actions.tokens import Exchange
from plugins.airworthy.api.call import Allowed, Call
from plugins.airworthy.api.gate.journal import REQUEST_ID

router = APIRouter(tags=["callers"])


@router.post("/tokens")
def exchange(
    request: Request,
    message: TokenRequest,
    x_airworthy_workload_secret: Annotated[str, Header()] = "",
) -> Token:
    """Exchange the workload secret and a claimed try for a ten-minute token.

    A token is never stored, so that an idempotency key is not looked at: each call gives another
    token for the same try.
    """
    desk: Exchange = request.app.state.exchange
    return desk.give(
        request.app.state.database,
        x_airworthy_workload_secret,
        message.run,
        request.scope[REQUEST_ID],
    )


@router.get("/whoami")
def whoami(call: Annotated[Call, Depends(Allowed(Action.KNOW_SELF))]) -> Caller:
    """Return who the control plane thinks is calling."""
    caller = call.principal
    return Caller.model_validate({
        "kind": caller.kind,
        "id": caller.id,
        "roles": tuple(sorted(caller.roles)),
        "authn": caller.authn,
    })
