"""What an installation says about its pods: the ``AIRWORTHY_POD_*`` environment variables."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

ELASTIC = "elastic"


@dataclass(frozen=True)
class PodSettings:
    """Where pods are made, and from what.

    Attributes:
        connection: Airflow connection of the cluster.
        namespace: Namespace of the pods.
        image: Image of most steps.
        image_full: Image of the steps that need TensorFlow or the heavy reports.
        claim: Persistent volume claim of the store; none where the store is an object store.
        mount: Where the claim is mounted.
        secret: Secret whose entries become environment variables, such as S3 credentials.
        service_account: Service account; pods get no token of it.
        pull_secret: Secret for the registry of the images.
        are_nodes_elastic: Whether nodes are added when pods need them.
        start_seconds: How long a pod may wait for a node, its image and its volumes.
        outage_seconds: How long the API server may be silent before a task gives up.
        ttl_seconds: How long a finished pod that nobody collected may lie about.
    """

    connection: str
    namespace: str
    image: str
    image_full: str
    claim: str
    mount: str
    secret: str
    service_account: str
    pull_secret: str
    are_nodes_elastic: bool
    start_seconds: int
    outage_seconds: int
    ttl_seconds: int


def read(environ: Mapping[str, str] | None = None) -> PodSettings:
    """Return the settings of this process.

    Raises:
        BadInput: no image is named, or a number is none.
    """
    env = os.environ if environ is None else environ
    image = env.get("AIRWORTHY_STEPS_IMAGE", "")
    if not image:
        remedy = "Name the image of the steps, with a tag"
        raise BadInput("pods need an image", where="AIRWORTHY_STEPS_IMAGE", remedy=remedy)
    return PodSettings(
        connection=env.get("AIRWORTHY_POD_CONNECTION", "kubernetes_default"),
        namespace=env.get("AIRWORTHY_POD_NAMESPACE", "default"),
        image=image,
        image_full=env.get("AIRWORTHY_STEPS_IMAGE_FULL") or image,
        claim=env.get("AIRWORTHY_STORE_CLAIM", ""),
        mount=env.get("AIRWORTHY_STORE_MOUNT") or "/airworthy",
        secret=env.get("AIRWORTHY_STORE_SECRET", ""),
        service_account=env.get("AIRWORTHY_POD_SERVICE_ACCOUNT", ""),
        pull_secret=env.get("AIRWORTHY_POD_PULL_SECRET", ""),
        are_nodes_elastic=env.get("AIRWORTHY_POD_NODES", "") == ELASTIC,
        start_seconds=_seconds(env, "AIRWORTHY_POD_START_SECONDS", 300),
        outage_seconds=_seconds(env, "AIRWORTHY_POD_OUTAGE_SECONDS", 600),
        ttl_seconds=_seconds(env, "AIRWORTHY_POD_TTL_SECONDS", 3600),
    )


def _seconds(env: Mapping[str, str], name: str, otherwise: int) -> int:
    given = env.get(name) or str(otherwise)
    if not given.isdigit() or int(given) == 0:
        raise BadInput("not a number of seconds", where=name, value=given, remedy="Say 1 or more")
    return int(given)
