"""Tries a variant that carries no traffic yet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from include.client.messages.rollouts import RolloutState
from include.errors import Rejected, ServingUnavailable
from include.rollout.stages import variant_name
from include.store.open import open_store
from operators.hooks.serving import ServingHook
from operators.stage import StageOperator

if TYPE_CHECKING:
    from include.client.messages.registry import Version
    from include.serving import probe
    from include.serving.endpoint import SmokeAnswer
    from include.spec.model import Spec
    from operators.stage import Open

TRIES = 5


class SmokeTestOperator(StageOperator):
    """Sends the package's probe rows by the dark path; compares answers and answer time.

    Args:
        spec: Spec of the model, with the limit of the answer time.
    """

    def __init__(self, *, spec: Spec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec

    def acts_until(self) -> RolloutState:
        """What was verified is not tested again."""
        return RolloutState.DARK

    def proceed(self, opened: Open) -> str:
        """Test the variant and move the rollout to ``verified``.

        Raises:
            Rejected: an answer is wrong, or the answers are too slow.
            ServingUnavailable: the variant did not answer; a retry asks again.
        """
        from include.serving import probe  # noqa: PLC0415 - see `shipment`

        shipped = shipment(opened.candidate())
        answers = self._ask(opened, json.dumps(probe.request(shipped)))
        for answer in answers:
            probe.check_answer(shipped, understood(answer))
        seconds = tuple(answer.latency_ms / 1000 for answer in answers)
        median = probe.check_latency(seconds, self.spec.release.latency_limit_ms)
        rows = len(shipped.probe.rows)
        told = f"{rows} probe rows answered as packaged, median {median:.0f} ms of {TRIES}"
        opened.advance(RolloutState.VERIFIED, told)
        self.log.info(told)
        return told

    def _ask(self, opened: Open, body: str) -> tuple[SmokeAnswer, ...]:
        driver = ServingHook().driver()
        variant = variant_name(opened.rollout.version)
        try:
            return tuple(driver.smoke(opened.rollout.endpoint, variant, body) for _ in range(TRIES))
        finally:
            driver.close()


def shipment(version: Version) -> probe.Shipment:
    """Return the contract and the probe of a version's package."""
    # The feature contract would cost every parse of a DAG file 13 ms.
    from include.serving import probe  # noqa: PLC0415

    store, uri = open_store(), version.package_uri.rstrip("/")
    return probe.shipment(store.read(f"{uri}/{probe.CONTRACT}"), store.read(f"{uri}/{probe.PROBE}"))


def understood(answer: SmokeAnswer) -> dict[str, Any]:
    """Return the body of an answer.

    Raises:
        Rejected: the variant refused its own probe rows, or answered no JSON object.
        ServingUnavailable: it failed in a way that may pass.
    """
    if answer.status >= 500:
        raise ServingUnavailable(
            f"the variant answered {answer.status}", where="smoke test", value=answer.body[:200]
        )
    try:
        body = json.loads(answer.body) if answer.status == 200 else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Rejected(
            f"the variant answered {answer.status}", where="smoke test", value=answer.body[:200]
        )
    return body
