"""Why a canary cannot work here: found before anything is written, with what to do about it.

KServe accepts most of this without a word, and then there is no split, or no pod, or no answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from include.errors import Rejected
from include.serving.kserve import naming, records
from include.serving.kserve.shape import Exposure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from include.serving.kserve.shape import Shape

OLDEST = (0, 21)
"""Before it canaries get pods and no traffic, while the status says otherwise."""


@dataclass(frozen=True)
class Facts:
    """What is known of the cluster, and of the InferenceService as it is.

    Attributes:
        has_kserve: Whether InferenceServices are defined.
        version: Of KServe; empty where it cannot be told.
        has_gateway_api: Whether KServe makes HTTPRoutes.
        has_ingress: Whether KServe makes any way in.
        domain: Domain of its hosts.
        not_handed_on: Annotations that do not reach pods.
        others: Predictors of the other InferenceServices of the namespace.
        missing_rights: Rights that our account lacks, as people read them.
        is_local: Whether somebody keeps it away from the gateway.
        has_transformer: Whether requests pass a transformer or an explainer.
        autoscaler: Class of its autoscaler.
        is_frozen: Whether the controller was told to leave it alone.
        strange_canaries: Canaries that are not ours.
    """

    has_kserve: bool = True
    version: str = ""
    has_gateway_api: bool = False
    has_ingress: bool = True
    domain: str = ""
    not_handed_on: frozenset[str] = frozenset()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    missing_rights: tuple[str, ...] = ()
    is_local: bool = False
    has_transformer: bool = False
    autoscaler: str = ""
    is_frozen: bool = False
    strange_canaries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """Why it cannot work, and what to do about it."""

    reason: str
    remedy: str


def check(facts: Facts, service: str, shape: Shape) -> None:
    """Let pass what can work.

    Raises:
        Rejected: it cannot; every reason is named, with its remedy.
    """
    found = refusals(facts, service, shape)
    if found:
        told = "; ".join(f"{one.reason}: {one.remedy}" for one in found)
        raise Rejected(told, where=f"preflight of InferenceService {service}")


def refusals(facts: Facts, service: str, shape: Shape) -> tuple[Refusal, ...]:
    """Return every reason why an InferenceService cannot be brought to a shape."""
    if not facts.has_kserve:
        install = f"install KServe {_told(OLDEST)} or newer, in Standard mode"
        return (Refusal("InferenceServices are not defined in this cluster", install),)
    found = [
        *_of_version(facts),
        *_of_routing(facts),
        *_of_account(facts),
        *_of_object(facts),
        *_of_names(facts, service, shape),
    ]
    if shape.exposure is not Exposure.STOPPED:
        found += _of_packages(shape)
    return tuple(found)


def _of_version(facts: Facts) -> Iterator[Refusal]:
    version = _parsed(facts.version)
    if version is None:
        yield Refusal(
            f"the version of KServe cannot be told ({facts.version or 'its manager is not seen'})",
            "say it as kserve_version in the extra of the serving connection",
        )
    elif version < OLDEST:
        yield Refusal(
            f"KServe {facts.version} gives canaries no traffic in Standard mode",
            f"upgrade it to {_told(OLDEST)} or newer",
        )


def _of_routing(facts: Facts) -> Iterator[Refusal]:
    if not facts.has_gateway_api:
        yield Refusal(
            "KServe does not use the Gateway API, and without it nothing splits the traffic",
            "set enableGatewayApi to true under ingress in ConfigMap inferenceservice-config",
        )
    if not facts.has_ingress:
        yield Refusal(
            "KServe makes no routes at all",
            "set disableIngressCreation to false in ConfigMap inferenceservice-config",
        )
    if facts.domain == "svc.cluster.local":
        yield Refusal(
            "hosts below svc.cluster.local have no route, so nothing splits the traffic",
            "set another ingressDomain in ConfigMap inferenceservice-config",
        )


def _of_account(facts: Facts) -> Iterator[Refusal]:
    handed_on = [key for key in records.KEYS if key not in facts.not_handed_on]
    if handed_on:
        yield Refusal(
            f"KServe would hand our annotations on to pods, which then restart at every step: "
            f"{', '.join(handed_on)}",
            "name them as serviceAnnotationDisallowedList under inferenceService in ConfigMap "
            "inferenceservice-config",
        )
    if facts.missing_rights:
        yield Refusal(
            f"our account may not {', '.join(facts.missing_rights)}",
            "bind the role of docs/reference/kserve.md to it",
        )


def _of_object(facts: Facts) -> Iterator[Refusal]:
    if facts.is_local:
        yield Refusal(
            "a cluster-local InferenceService has no route, so nothing splits its traffic",
            "take the label networking.kserve.io/visibility off",
        )
    if facts.has_transformer:
        yield Refusal(
            "requests would pass its transformer or explainer beside the canary, or the reverse "
            "(kserve/kserve#1669)",
            "do the transformation in the model's package",
        )
    if facts.autoscaler == "keda":
        yield Refusal(
            "a canary has no triggers of its own, and KEDA refuses an object without",
            "let the spec's serving section say how it grows (HPA), or give a fixed number",
        )
    if facts.is_frozen:
        yield Refusal(
            "the controller was told to leave it alone, and would do nothing",
            "take the annotation serving.kserve.io/disable-auto-update off",
        )
    if facts.strange_canaries:
        yield Refusal(
            f"canaries that are not ours: {', '.join(facts.strange_canaries)}",
            "take them out, or let them end first",
        )


def _of_names(facts: Facts, service: str, shape: Shape) -> Iterator[Refusal]:
    names = tuple(entry.name for entry in shape.entries)
    for other in naming.clashes(service, names, facts.others):
        yield Refusal(
            f"InferenceService {other} would own a Deployment of the same name",
            "name one of the two endpoints otherwise",
        )


def _of_packages(shape: Shape) -> Iterator[Refusal]:
    uris = [entry.uri for entry in shape.entries]
    for uri in sorted({uri for uri in uris if uris.count(uri) > 1}):
        yield Refusal(
            f"two variants serve {uri}, and KServe promotes none of the same package",
            "register the version with a package of its own",
        )


def _parsed(version: str) -> tuple[int, int] | None:
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else None


def _told(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
