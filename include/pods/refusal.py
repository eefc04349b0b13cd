"""What the API server refuses, in words that say what to do."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from include.errors import AirworthyError, BadInput, Forbidden, InfrastructureError
from include.pods.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, INVALID, TOO_MANY = 401, 403, 404, 409, 422, 429
WHERE = "Kubernetes"
_QUOTA = re.compile(r"exceeded quota: ([^,]+), requested: (.*?), used: (.*?), limited: (.*)$")
_LIMITS = ("usage per Container is", "usage per Pod is")


def refusal(status: int, body: str) -> AirworthyError:
    """Return the error that an answer of the API server stands for."""
    said = _message(body)
    if status == UNAUTHORIZED:
        what = "the API server does not accept our credentials; a token may have expired"
        remedy = "Renew the credentials of the connection AIRWORTHY_POD_CONNECTION names"
        return InfrastructureError(what, where=WHERE, value=said or status, remedy=remedy)
    if status == FORBIDDEN:
        return _forbidden(said)
    if status in {400, NOT_FOUND, INVALID}:
        remedy = "Look at the AIRWORTHY_POD_* settings and the spec's `compute`"
        return BadInput("the API server refuses the pod", where=WHERE, value=said, remedy=remedy)
    what = f"the API server answers {status}"
    return InfrastructureError(what, where=WHERE, value=said, remedy="It will be tried again")


def unreachable(error: BaseException) -> InfrastructureError:
    """Return the error of an API server that does not answer."""
    reason = getattr(error, "reason", None) or error
    return InfrastructureError(
        "the API server does not answer",
        where=WHERE,
        value=str(reason)[:300],
        remedy="It will be tried again; pods that run go on meanwhile",
    )


def _message(body: str) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return body.strip()[:500]
    return str(said.get("message", body)) if isinstance(said, dict) else body


def _forbidden(said: str) -> AirworthyError:
    quota = _QUOTA.search(said)
    if quota is not None:
        return _over_quota(said, *quota.groups())
    if any(sign in said for sign in _LIMITS):
        remedy = "Ask for less in the spec's `compute`, or change the namespace's LimitRange"
        return BadInput("the pod is beyond a limit", where=WHERE, value=said, remedy=remedy)
    if "violates PodSecurity" in said:
        remedy = "Pods of steps keep to the restricted level; look for what mutates them"
        return BadInput("the namespace's pod security refuses it", value=said, remedy=remedy)
    remedy = "Give the worker the role of docs/kubernetes.md in the namespace of the pods"
    return Forbidden("we lack a right in the cluster", where=WHERE, value=said, remedy=remedy)


def _over_quota(said: str, name: str, asked: str, used: str, limited: str) -> AirworthyError:
    most = dict(_amounts(limited))
    never = [
        resource
        for resource, text in _amounts(asked)
        if resource in most and amount(text) > amount(most[resource])
    ]
    if never:
        what = f"more {', '.join(never)} than the quota {name} allows at all"
        remedy = "Ask for less in the spec's `compute`, or raise the quota"
        return BadInput(what, where=WHERE, value=said, remedy=remedy)
    what = f"the quota {name} is used up for now ({used} of {limited})"
    remedy = "It will be tried again; let fewer tasks run at once, or raise the quota"
    return InfrastructureError(what, where=WHERE, value=asked, remedy=remedy)


def _amounts(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split(","):
        resource, _, quantity = pair.strip().partition("=")
        if quantity:
            yield resource, quantity
