"""The API server is away for a minute."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from include.steps.call import read_result
from include.store.open import open_store
from tests.cluster.pods.conftest import connect
from tests.support.api_proxy import ApiProxy
from tests.support.cluster import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cluster.pods.conftest import Pods

OUTAGE_SECONDS = 60


def test_an_outage_of_a_minute_loses_no_pod_and_no_work(
    pods: Pods, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ApiProxy(pods.cluster) as proxy, ThreadPoolExecutor(2) as pool:
        connect(monkeypatch, proxy.kubeconfig(tmp_path))
        running = pods.task("time.sleep(15)", task_id="running")
        late = pods.task("message = 'made after the outage'", task_id="late")
        first = pool.submit(running.once)
        (before,) = wait_until(pods.running, 60)
        proxy.go()
        threading.Timer(OUTAGE_SECONDS, proxy.come_back).start()
        began = time.monotonic()
        second = pool.submit(late.once)
        assert read_result(open_store(), first.result()).outcome == "done"
        assert read_result(open_store(), second.result()).message == "made after the outage"
        assert time.monotonic() - began > OUTAGE_SECONDS
    assert (running.errors, late.errors) == ([], [])
    assert before["metadata"]["name"] not in pods.names()
