"""A wanted state as predictors: those that are there keep name and pods, new ones get their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.serving.kserve import naming, rendering
from include.serving.kserve.recipes import Goal
from include.serving.kserve.shape import Entry, Scaling, Shape

if TYPE_CHECKING:
    from include.serving.endpoint import Endpoint, Variant
    from include.serving.kserve.installation import Installation
    from include.spec.serving import Serving


def goal_of(
    wanted: Endpoint, present: Shape | None, retired: tuple[str, ...], installation: Installation
) -> Goal:
    """Return what is wanted as predictors.

    Raises:
        BadInput: a package that KServe cannot reach, or a variant that it cannot serve.
    """
    service = naming.service_name(wanted.name)
    entries: list[Entry] = []
    for variant in wanted.variants:
        _check(variant)
        taken = (*retired, *(entry.name for entry in _others(present, variant)))
        entries.append(_entry(variant, present, taken, (installation, wanted.sizing)))
    names = tuple(entry.name for entry in entries)
    long = naming.too_long(service, names, installation.namespace)
    if long:
        raise BadInput(
            f"names longer than {naming.MOST} characters, which DNS does not take",
            where=f"endpoint {wanted.name}",
            value=", ".join(long),
            remedy="Give the endpoint a shorter name in the spec",
        )
    return Goal(tuple(entries), _scaling(wanted.sizing))


def _entry(
    variant: Variant,
    present: Shape | None,
    taken: tuple[str, ...],
    made: tuple[Installation, Serving],
) -> Entry:
    installation, sizing = made
    uri = installation.storage_uri(variant.package_uri)
    replicas = _replicas(variant, present, sizing)
    there = present.entries if present else ()
    known = next((e for e in there if (e.variant, e.uri) == (variant.name, uri)), None)
    if known is not None:
        return replace(known, percent=variant.weight, replicas=replicas)
    return Entry(
        name=naming.predictor_name(variant, taken),
        variant=variant.name,
        uri=uri,
        percent=variant.weight,
        replicas=replicas,
        body=rendering.body_of(variant.name, uri, installation, sizing),
    )


def _replicas(variant: Variant, present: Shape | None, sizing: Serving) -> int:
    """Return how many pods a variant has: a canary does not grow, and may get all the traffic."""
    is_stable = present is None or present.stable.variant == variant.name
    return max(1, variant.replicas, sizing.replicas if is_stable else sizing.canary)


def _others(present: Shape | None, variant: Variant) -> tuple[Entry, ...]:
    return tuple(e for e in (present.entries if present else ()) if e.variant != variant.name)


def _scaling(sizing: Serving) -> Scaling:
    grows = sizing.autoscaling
    return Scaling(grows.most, grows.metric, grows.target_percent) if grows else Scaling()


def _check(variant: Variant) -> None:
    if variant.mirror:
        raise BadInput(
            "KServe's routes mirror nothing, so there is no shadow stage",
            where=f"variant {variant.name}",
            value=f"mirror {variant.mirror} %",
            remedy="Set release.canary.shadow.enabled to false in the spec",
        )
