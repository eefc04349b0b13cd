"""How a request can fail at the daemon's doors: branches of the error tree with an HTTP status.

AirworthyError
├── BadInput            400
│   ├── UnknownEndpoint 404
│   └── TooLarge        413
├── Forbidden           401: no or a wrong token
│   └── NotOffered      403: whatever the token
├── Conflict, FencedOut 409
├── TooManyRequests     429, with Retry-After
└── ServingUnavailable  503
    ├── NoVariantReady  503, with Retry-After
    ├── TooBusy         503, with Retry-After
    ├── AnswerLost      502
    └── AnsweredLate    504
"""

from __future__ import annotations

import re

from include.client.messages.base import Problem
from include.errors import AirworthyError, BadInput, Conflict, Forbidden, ServingUnavailable

MEDIA_TYPE = "application/problem+json"
_TYPE = "https://airworthy.dev/problems/"


class UnknownEndpoint(BadInput):
    """Nobody ever applied an endpoint (or a variant) of that name."""


class TooLarge(BadInput):
    """The body is larger than the limit."""


class NotOffered(Forbidden):
    """The installation does not let anybody do this."""


class TooManyRequests(AirworthyError):
    """More requests than the endpoint's rate allows."""


class TooBusy(ServingUnavailable):
    """As many requests are being answered as the endpoint may answer at a time."""


class NoVariantReady(ServingUnavailable):
    """No replica can answer at the moment."""


class AnswerLost(ServingUnavailable):
    """Model servers went away before they answered."""


class AnsweredLate(ServingUnavailable):
    """The model server did not answer in time."""


_STATUS: tuple[tuple[type[AirworthyError], int], ...] = (
    (UnknownEndpoint, 404),
    (TooLarge, 413),
    (BadInput, 400),
    (NotOffered, 403),
    (Forbidden, 401),
    (Conflict, 409),
    (TooManyRequests, 429),
    (AnswerLost, 502),
    (AnsweredLate, 504),
    (ServingUnavailable, 503),
)
_RETRY_AFTER: dict[type[AirworthyError], int] = {TooManyRequests: 1, TooBusy: 1, NoVariantReady: 2}


def status_of(error: AirworthyError) -> int:
    """Return the HTTP status of an error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def kind_of(error: type[AirworthyError]) -> str:
    """Return the problem type of an error class."""
    return _TYPE + re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def problem_of(error: AirworthyError, instance: str = "") -> bytes:
    """Return the problem details (RFC 9457) of an error as JSON."""
    detail = f"{error.where}: {error.what}" if error.where else error.what
    if error.value is not None:
        detail += f" (got {error.value!r})"
    problem = Problem(
        type=kind_of(type(error)),
        title=(type(error).__doc__ or type(error).__name__).splitlines()[0],
        status=status_of(error),
        detail=detail,
        instance=instance,
        remedy=error.remedy,
    )
    return problem.model_dump_json().encode()


def headers_of(error: AirworthyError) -> list[tuple[bytes, bytes]]:
    """Return the headers that go with an error's problem details."""
    headers = [(b"content-type", MEDIA_TYPE.encode())]
    if seconds := _RETRY_AFTER.get(type(error)):
        headers.append((b"retry-after", str(seconds).encode()))
    if isinstance(error, Forbidden) and not isinstance(error, NotOffered):
        headers.append((b"www-authenticate", b"Bearer"))
    return headers
