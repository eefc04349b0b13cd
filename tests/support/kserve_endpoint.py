"""One endpoint on KServe by our driver, as a rollout wants it step by step."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import httpx

from include.serving.endpoint import Endpoint, Variant
from include.serving.kserve.driver import KServeDriver
from include.serving.kserve.installation import Installation
from include.spec.serving import Serving
from operators.hooks.kubernetes import ApiServer
from tests.support.cluster import wait_until
from tests.support.serving_zone import CLAIM, RUNTIME, gateway
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from include.serving.endpoint import Observation
    from tests.support.serving_zone import ServingZone

STORE = f"pvc://{CLAIM}"
SIZING = Serving(cpu="10m", cpu_limit="1", memory="24Mi", memory_limit="96Mi")


def installation(namespace: str) -> Installation:
    """Return where the scripted server is served."""
    return Installation(
        namespace,
        runtime=RUNTIME,
        model_format=RUNTIME,
        store=STORE,
        smoke_address="http://{pod_ip}:8080",
        # Neither the stand-in nor a manager that was built here has the version as its image's tag.
        kserve_version="0.21.0",
    )


def driver(kubeconfig: Path, namespace: str, budget_seconds: float = 10.0) -> KServeDriver:
    """Return a driver of its own connections, which waits so long for an API server."""
    server = ApiServer(str(kubeconfig), budget_seconds=budget_seconds)
    return KServeDriver(server, installation(namespace))


def variant(name: str, weight: int) -> Variant:
    """Return a variant; its server tells its name as its version."""
    digest = sha256(name.encode()).hexdigest()
    return Variant(name, name, f"{STORE}/{name}", digest, weight)


@dataclass
class KServeEndpoint:
    """An endpoint that is driven through its states.

    Args:
        zone: Where it is served.
        driver: Drives it.
        name: Its name; each test has its own.
        owner: Who writes.
        token: Fencing token of the owner.
    """

    zone: ServingZone
    driver: KServeDriver
    name: str
    owner: str = "rollout-1"
    token: int = 1
    revision: int = 0

    def endpoint(self, **weights: int) -> Endpoint:
        """Return the next wanted state: variants with their weights, in this order."""
        self.revision += 1
        variants = tuple(variant(name, weight) for name, weight in weights.items())
        return Endpoint(self.name, "toy", self.revision, self.owner, self.token, variants, SIZING)

    def want(self, **weights: int) -> Observation:
        """Apply the next wanted state."""
        return self.driver.apply(self.endpoint(**weights))

    def go(self, seconds: float = 40, **weights: int) -> float:
        """Apply a state and wait until it is verified; return the seconds that this took."""
        began = time.monotonic()
        self.want(**weights)
        self.until(lambda seen: shares(seen) == weights, seconds)
        return time.monotonic() - began

    def until(self, is_so: Callable[[Observation], bool], seconds: float = 40) -> Observation:
        """Wait for an observation."""
        deadline = time.monotonic() + seconds
        while not is_so(seen := self.driver.observe(self.name)):
            assert time.monotonic() < deadline, seen
            time.sleep(0.1)
        return seen

    def pods(self, variant: str) -> dict[str, str]:
        """Return the pods of a variant of this endpoint, by name, with their UIDs."""
        return self.zone.pods(variant, self.name)

    def answers(self) -> None:
        """Wait until the gateway leads to it: a new route is accepted a moment before."""
        wait_until(self._is_answered, 10, every=0.05)

    def traffic(self, rate: float) -> Traffic:
        """Return requests to it, through the gateway."""
        return Traffic(self._url, rate=rate, headers={"host": self.zone.host(self.name)})

    @property
    def _url(self) -> str:
        return f"{gateway()}/v2/models/{self.name}/infer"

    def _is_answered(self) -> bool:
        headers = {"host": self.zone.host(self.name)}
        answer = httpx.post(self._url, content=b"{}", headers=headers, trust_env=False)
        return answer.status_code == 200


def shares(seen: Observation) -> dict[str, int]:
    """Return the verified weights by variant."""
    return {one.name: one.weight for one in seen.variants}
