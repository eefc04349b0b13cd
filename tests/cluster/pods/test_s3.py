"""Steps as pods whose store is a bucket: their inputs, results and search go through S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.errors import StoreUnavailable
from include.spec.compute import Compute, Profile
from include.steps.call import read_result
from include.store.open import open_store
from tests.support import cluster as clusters
from tests.support.compiled_specs import as_compiled
from tests.support.product_images import product
from tests.support.s3_server import S3Server, s3_server
from tests.support.toy_rows import arrived

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.spec.model import CompiledSpec
    from tests.cluster.pods.conftest import Pods
    from tests.support.pod_tasks import PodTask

TRIALS = 3
COMPUTE = Compute(default=Profile(cpu="500m", memory="1Gi", scratch="256Mi"))
SECRET = "bucket"


@pytest.fixture
def bucket() -> Iterator[S3Server]:
    with s3_server(clusters.this_machine()) as server:
        yield server


@pytest.fixture
def spec(toy) -> CompiledSpec:
    search = {"candidates": ["forest"], "trials": TRIALS, "seconds": 600, "folds": 2}
    return as_compiled(toy.spec(training=search, compute=COMPUTE))


@pytest.fixture
def over_s3(pods: Pods, bucket: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """Set the installation to the bucket, with its keys in a secret of the pods' namespace."""
    pods.cluster.apply({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET, "namespace": pods.namespace},
        "stringData": bucket.environ,
    })
    said = {
        "AIRWORTHY_STORE": f"s3://{bucket.bucket}/store",
        "AIRWORTHY_ARRIVALS": f"s3://{bucket.bucket}/arrivals",
        "AIRWORTHY_STORE_CLAIM": "",
        "AIRWORTHY_STORE_SECRET": SECRET,
        "AIRWORTHY_STEPS_IMAGE": product(pods.cluster, "steps-slim"),
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    return bucket


@pytest.mark.timeout(600)
def test_a_search_in_pods_over_s3(pods: Pods, over_s3: S3Server, spec: CompiledSpec) -> None:
    store, done = open_store(), {}
    store.write(f"s3://{over_s3.bucket}/arrivals/first.csv", arrived(400))
    for step, needed, options in (
        ("acquire", {}, {"partition": "first", "attempt": "1"}),
        ("plan", {"data": "acquire"}, {}),
        ("fit_candidate", {"data": "acquire", "plan": "plan"}, {"algorithm": "forest"}),
    ):
        inputs = {name: done[of] for name, of in needed.items()}
        task = pods.task(task_id=step, step=step, options=options, inputs=inputs)
        task.spec = spec
        done[step] = task.run()
    result = read_result(store, done["fit_candidate"])
    assert result.outcome == "fitted", result.message
    assert all(uri.startswith(f"s3://{over_s3.bucket}/store/") for uri in done.values())
    for artifact in result.artifacts:
        assert store.exists(artifact.uri) or store.list(artifact.uri), artifact
    clusters.wait_until(lambda: not pods.names(), 10)


def test_a_bucket_that_is_not_there_is_said(
    pods: Pods, over_s3: S3Server, spec: CompiledSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRWORTHY_STORE", "s3://no-such-bucket/store")
    task: PodTask = pods.task(task_id="acquire", step="acquire", options={"partition": "first"})
    task.spec = spec
    with pytest.raises(StoreUnavailable, match="bucket does not exist"):
        task.once()
    clusters.wait_until(lambda: not pods.names(), 10)
