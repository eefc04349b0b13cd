"""Names that Kubernetes and its DNS accept, made of ours, and who else would use them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from include.serving.endpoint import Variant

MOST = 63
"""Longest label of a DNS name; names of Services and hosts are made of such labels."""

_DNS = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?\Z")
_DIGEST = 8


def service_name(endpoint: str) -> str:
    """Return the name of an endpoint's InferenceService.

    Raises:
        BadInput: it cannot be a DNS label.
    """
    name = endpoint.replace("_", "-")
    if not _DNS.match(name) or len(name) > MOST:
        raise BadInput(
            "no endpoint that Kubernetes can name",
            where="endpoint",
            value=endpoint[:80],
            remedy=f"Lower-case letters, digits and _, at most {MOST}, a letter first, no _ last",
        )
    return name


def predictor_name(variant: Variant, taken: Iterable[str] = ()) -> str:
    """Return a name for the predictor of a variant that no predictor had before.

    A name that comes back would find what is left of its former owner: its autoscaler, or pods
    that are still draining.
    """
    version = re.sub(r"[^a-z0-9]+", "-", variant.version.lower()).strip("-")
    name = f"v{version}-{variant.package_digest[:_DIGEST]}"
    used, number = set(taken), 2
    candidate = name
    while candidate in used:
        candidate, number = f"{name}-{number}", number + 1
    return candidate


def workload(service: str, predictor: str) -> str:
    """Return the name of a predictor's Deployment, Service and autoscaler."""
    return f"{service}-{predictor}-predictor" if predictor else f"{service}-predictor"


def route_names(service: str) -> tuple[str, str]:
    """Return the names of the two HTTPRoutes that split the traffic of an InferenceService."""
    return service, f"{service}-predictor"


def too_long(service: str, predictors: Iterable[str], namespace: str) -> tuple[str, ...]:
    """Return the names that would be longer than a DNS label, hosts by the usual template."""
    names = [workload(service, predictor) for predictor in predictors]
    names += [f"{route}-{namespace}" for route in route_names(service)]
    return tuple(name for name in names if len(name) > MOST)


def clashes(
    service: str, predictors: Iterable[str], others: Mapping[str, Iterable[str]]
) -> tuple[str, ...]:
    """Return whose Deployments would be ours as well: nobody but us looks for this.

    The canary ``bar`` of ``foo`` and an InferenceService ``foo-bar`` both own
    ``foo-bar-predictor``.

    Args:
        service: Our InferenceService.
        predictors: Names of its predictors.
        others: Predictors of the other InferenceServices of the namespace.
    """
    ours = {workload(service, predictor) for predictor in (*predictors, "")}
    return tuple(
        other
        for other, theirs in sorted(others.items())
        if other != service
        and ours & {*(workload(other, predictor) for predictor in theirs), f"{other}-predictor"}
    )
