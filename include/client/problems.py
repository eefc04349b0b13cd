"""Answers that are not a success, turned back into the error tree.

The server names the class in the ``type`` of its RFC 9457 problem details; the status decides
where the type says nothing, for example when a proxy answered instead of the control plane.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import ValidationError

from include.client.messages.base import Problem
from include.errors import (
    AirworthyError,
    BadInput,
    Conflict,
    ControlPlaneUnavailable,
    DecisionClosed,
    FencedOut,
    Forbidden,
    NotFound,
    PackageTampered,
    Rejected,
    SpecStale,
    StopRequested,
)

if TYPE_CHECKING:
    import httpx

TYPE_PREFIX = "https://airworthy.dev/problems/"
BY_STATUS: dict[int, type[AirworthyError]] = {
    400: BadInput,
    401: Forbidden,
    403: Forbidden,
    404: NotFound,
    405: BadInput,
    409: Conflict,
    413: BadInput,
    415: BadInput,
    422: BadInput,
}


def kebab(error: type[AirworthyError]) -> str:
    """Return the name of an error class as it stands in a problem type."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


BY_NAME: dict[str, type[AirworthyError]] = {
    kebab(error): error
    for error in (
        BadInput,
        Conflict,
        DecisionClosed,
        FencedOut,
        Forbidden,
        NotFound,
        PackageTampered,
        Rejected,
        SpecStale,
        StopRequested,
    )
}


def as_error(response: httpx.Response) -> AirworthyError:
    """Return the error that an answer outside 2xx stands for."""
    where = f"{response.request.method} {response.request.url}"
    problem = _problem(response)
    if response.status_code >= 500 or response.status_code not in BY_STATUS:
        detail = problem.detail if problem else f"status {response.status_code}"
        return ControlPlaneUnavailable(
            f"the control plane failed: {detail}",
            where=where,
            remedy="See its log; tasks retry this by themselves",
        )
    error = BY_STATUS[response.status_code]
    if problem is None:
        return error(
            f"status {response.status_code} without problem details",
            where=where,
            remedy="Does the address lead to the control plane?",
        )
    if problem.type.startswith(TYPE_PREFIX):
        error = BY_NAME.get(problem.type.removeprefix(TYPE_PREFIX), error)
    return error(problem.detail or problem.title, where=where, remedy=problem.remedy)


def _problem(response: httpx.Response) -> Problem | None:
    if "problem+json" not in response.headers.get("content-type", ""):
        return None
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return None
