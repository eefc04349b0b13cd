"""Every error as RFC 9457 problem details; what is not ours says nothing of its inside."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from include import logs
from include.client.messages.base import Problem
from include.client.problems import TYPE_PREFIX, kebab
from include.errors import (
    AirworthyError,
    BadInput,
    Conflict,
    ControlPlaneUnavailable,
    Forbidden,
    NotFound,
    Rejected,
)

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

MEDIA_TYPE = "application/problem+json"
LONGEST = 2000


class Unauthenticated(Forbidden):
    """Nobody we know is calling."""


class TooLarge(BadInput):
    """The body is larger than allowed."""


class NotJson(BadInput):
    """The body is no JSON document, or is not declared as one."""


STATUS: tuple[tuple[type[AirworthyError], int], ...] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooLarge, 413),
    (NotJson, 415),
    (BadInput, 422),
    (Rejected, 422),
    (ControlPlaneUnavailable, 503),
)


def of_error(error: AirworthyError, instance: str) -> Problem:
    """Return the problem that an error of ours is."""
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    detail = f"{error.where}: {error.what}" if error.where else error.what
    if error.value is not None:
        detail += f" (got {str(error.value)[:200]!r})"
    return Problem(
        type=TYPE_PREFIX + kebab(type(error)),
        title=error.what[:LONGEST] if status != 500 else "The control plane failed",
        status=status,
        detail=detail[:LONGEST] if status != 500 else "",
        instance=instance,
        remedy=error.remedy,
    )


def of_status(status: int, instance: str, detail: str = "") -> Problem:
    """Return the problem that a bare HTTP status is."""
    name = {404: kebab(NotFound), 405: "method-not-allowed"}.get(status, "http")
    phrase = HTTPStatus(status).phrase
    return Problem(
        type=TYPE_PREFIX + name,
        title=phrase,
        status=status,
        detail=detail or phrase,
        instance=instance,
    )


def unavailable(instance: str) -> Problem:
    """Return the problem of a database that does not answer."""
    error = ControlPlaneUnavailable(
        "the database does not answer as expected",
        remedy="Is it there and migrated (python -m plugins.airworthy.api.migrate)? Try again",
    )
    return of_error(error, instance)


def response(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """Return the answer of a problem."""
    retry = {"Retry-After": "1"} if problem.status == 503 else {}
    challenge = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    return Response(
        problem.model_dump_json(),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={**retry, **challenge, **(headers or {})},
    )


def install(app: FastAPI) -> None:
    """Let an application answer every error with problem details."""
    app.add_exception_handler(AirworthyError, _airworthy)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)


def _airworthy(request: Request, error: Exception) -> Response:
    if not isinstance(error, AirworthyError):
        raise error
    problem = of_error(error, request.url.path)
    if problem.status == 500:
        logs.get(__name__).error("failed", what=str(error))
    return response(problem)


def _validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    # What was sent is not repeated: it may be large, secret, or no text at all.
    told = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()]
    cause = BadInput(
        "; ".join(told[:20])[:LONGEST].encode("ascii", "replace").decode(),
        remedy="Compare with the message's definition",
    )
    return response(of_error(cause, request.url.path))


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    problem = of_status(error.status_code, request.url.path, str(error.detail))
    return response(problem, dict(error.headers or {}))


def _database(request: Request, error: Exception) -> Response:
    logs.get(__name__).error("database_failed", what=str(error))
    return response(unavailable(request.url.path))
