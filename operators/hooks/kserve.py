"""The serving driver of a Kubernetes with KServe, as a connection's extra describes it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from include import settings
from include.errors import BadInput
from include.serving.faults import UnknownEndpoint
from include.serving.kserve.driver import KServeDriver
from include.serving.kserve.installation import Installation
from include.serving.kserve.ledger import Manifests
from include.serving.prometheus.building import source
from include.serving.prometheus.configuration import configured
from include.serving.prometheus.preflight import check
from include.store.open import open_store
from operators.hooks.kubernetes import ApiServer

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from include.client.messages.rollouts import Rollout

_DEFAULT = Installation(namespace="")


class KServeExtra(BaseModel):
    """The extra of a connection whose driver is ``kserve``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    driver: str
    namespace: str = Field(min_length=1, description="Namespace of the InferenceServices.")
    kubeconfig: str = Field(default="", description="Path; empty for the account of the pod.")
    context: str = Field(default="", description="Context of the kubeconfig.")
    runtime: str = _DEFAULT.runtime
    model_format: str = _DEFAULT.model_format
    store: str = Field(default="", description="Prefix of packages; the installation's store.")
    claim: str = Field(default="", description="Claim that holds the store.")
    mount: str = _DEFAULT.mount
    service_account: str = ""
    smoke_address: str = _DEFAULT.smoke_address
    port: int = Field(default=_DEFAULT.port, ge=1, le=65535)
    smoke_path: str = _DEFAULT.smoke_path
    kserve_namespace: str = _DEFAULT.kserve_namespace
    kserve_version: str = ""
    evidence: dict[str, Any] | None = Field(default=None, description="Who counts the requests.")
    manifests: str = Field(default="", description="Prefix of kept manifests; empty: the store.")
    patience_seconds: float = Field(default=_DEFAULT.patience_seconds, gt=0)
    poll_seconds: float = Field(default=_DEFAULT.poll_seconds, gt=0)

    def installation(self, store: str) -> Installation:
        """Return what the driver needs to know of the installation."""
        told = {name: getattr(self, name) for name in Installation.__dataclass_fields__}
        return Installation(**{**told, "store": self.store or store})


def connected(connection: Connection) -> KServeDriver:
    """Return the driver that a connection describes.

    Raises:
        BadInput: its extra does not describe one.
    """
    extra = described(connection.extra_dejson, str(connection.conn_id))
    store = extra.store or settings.read().store
    kept = Manifests(open_store(), extra.manifests or f"{store.rstrip('/')}/manifests")
    api, installation = ApiServer(extra.kubeconfig, extra.context), extra.installation(store)
    counting = None
    if extra.evidence is not None:
        counting = source(configured(extra.evidence), KServeDriver(api, installation))
    return KServeDriver(api, installation, counting, kept)


def check_metrics(connection: Connection, rollout: Rollout) -> None:
    """Let pass a rollout that the metrics of a connection can judge; all where it names none.

    Raises:
        BadInput: they cannot judge its plan.
        MetricsUnavailable: they cannot be looked at just now.
    """
    extra = described(connection.extra_dejson, str(connection.conn_id))
    if extra.evidence is None:
        return
    driver = connected(connection)
    try:
        revision = driver.observe(rollout.endpoint).revision
    except UnknownEndpoint:
        revision = 0
    options = configured(extra.evidence)
    asyncio.run(check(options, driver, rollout.endpoint, revision, rollout.plan))


def described(extra: dict[str, Any], connection: str) -> KServeExtra:
    """Return the extra of a connection, checked.

    Raises:
        BadInput: it does not describe a driver.
    """
    try:
        return KServeExtra.model_validate(extra)
    except ValidationError as wrong:
        told = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong.errors()
        )
        raise BadInput(told, where=f"extra of connection {connection}") from wrong
