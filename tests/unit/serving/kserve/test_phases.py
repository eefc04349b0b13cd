"""What a source of evidence is told of a live revision."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from include.serving.endpoint import Endpoint, Health, Variant
from tests.support.cluster import wait_until

if TYPE_CHECKING:
    from include.serving.prometheus.phases import Phase

NAME = "mortgage_approval"
FIRST = Variant("v1_0_0", "1.0.0", "s3://models/packages/1", "1" * 64, 100)


def test_servers_are_known_by_the_name_that_the_runtime_gives_them(scene) -> None:
    scene.driver.apply(Endpoint(NAME, NAME, 1, "rollout-1", 1, (FIRST,)))

    def is_ready() -> bool:
        return scene.driver.observe(NAME).variants[0].health is Health.READY

    wait_until(is_ready, 5, every=0.01)

    def told() -> Phase | None:
        return asyncio.run(scene.driver.phase(NAME, 1))

    phase = wait_until(told, 5, every=0.01)
    assert phase.endpoint == NAME
    assert phase.model == "mortgage-approval"
    assert [arm.version for arm in phase.arms] == ["1.0.0"]
