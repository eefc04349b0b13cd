"""Everybody who was refused is on record: an audit event for each denial of a known caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.audit.occurrence import Occurrence
from include.errors import Forbidden
from plugins.airworthy.api.call import ACTION
from plugins.airworthy.api.gate.journal import PRINCIPAL, REQUEST_ID
from plugins.airworthy.api.problems import of_error, response

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import Response

LONGEST = 500


def answer(request: Request, error: Exception) -> Response:
    """Record the denial and return its problem."""
    if not isinstance(error, Forbidden):
        raise error
    principal = request.scope.get(PRINCIPAL)
    if principal is not None:
        with request.app.state.database.writing(principal, request.scope[REQUEST_ID]) as work:
            work.tell(_occurrence(request, error))
    return response(of_error(error, request.url.path))


def _occurrence(request: Request, error: Forbidden) -> Occurrence:
    decision = request.path_params.get("decision_id", "")
    route = f"{request.method} {request.url.path}"[:LONGEST]
    kind, name = ("decision", decision) if decision else ("route", route)
    return Occurrence(
        "access.denied",
        kind,
        name,
        outcome="denied",
        code=str(request.scope.get(ACTION, "")),
        reason=str(error)[:LONGEST],
    )
