"""A suite with one model, of which four packages are made, and its release DAG."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.live_release import LiveRelease
from tests.support.live_suite import GATES, PATIENCE, RELEASE, SIGNALS, live

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from include.spec.model import Spec
    from tests.support.installation import Installation

SEED = 20261124
PACKAGES = 4
WEIGHTS = (20, 50, 100)
CANARY = {"shadow": {"patience": PATIENCE}, "weights": WEIGHTS, "patience": PATIENCE}


@pytest.fixture
def spec(toy: Any) -> Spec:
    signals = {**SIGNALS, "agreement": {"max_disagreement": 0.95}}
    release = {**RELEASE, "canary": CANARY, "signals": signals}
    found: Spec = toy.spec(release=release, gates=GATES)
    return found


@pytest.fixture
def suite(tmp_path: Path, spec: Spec, is_slice: bool) -> Iterator[Installation]:
    if is_slice:
        pytest.skip("a live suite and one release take longer than the whole slice may")
    with live(tmp_path, spec, PACKAGES) as mine:
        yield mine


@pytest.fixture
def release(suite: Installation) -> Iterator[LiveRelease]:
    found = LiveRelease(suite, "toy_release", random.Random(SEED))
    yield found
    found.close()
