"""What cannot work: the task's error says why and what to do, and nothing is left behind."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from include.errors import BadInput, Forbidden, InfrastructureError
from include.pods.labels import STEP_PODS
from include.spec.compute import Compute, Profile
from tests.cluster.pods.conftest import SMALL, connect
from tests.support.cluster import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cluster.pods.conftest import Pods

Set = pytest.MonkeyPatch


def failing(pods: Pods, kind: type[Exception], **more: object) -> str:
    """Return what the first try of a task ends with; no pod is left."""
    with pytest.raises(kind) as caught:
        pods.task("pass", **more).once()
    wait_until(lambda: not pods.names(), 20)
    return str(caught.value)


def asking(**amounts: str) -> Compute:
    return Compute(default=SMALL.model_copy(update=amounts))


def test_an_image_that_cannot_be_pulled(pods: Pods, monkeypatch: Set) -> None:
    monkeypatch.setenv("AIRWORTHY_STEPS_IMAGE", "registry.invalid/steps:1")
    monkeypatch.setenv("AIRWORTHY_POD_START_SECONDS", "8")
    said = failing(pods, InfrastructureError)
    assert "the image cannot be pulled (got '" in said
    assert "registry.invalid/steps:1" in said
    assert "check AIRWORTHY_STEPS_IMAGE and the registry" in said


def test_an_image_whose_name_is_none(pods: Pods, monkeypatch: Set) -> None:
    monkeypatch.setenv("AIRWORTHY_STEPS_IMAGE", "Not An Image")
    assert "the image cannot be started (got 'InvalidImageName" in failing(pods, BadInput)


def test_an_image_for_another_processor(
    pods: Pods, image: Callable[[str], str], monkeypatch: Set
) -> None:
    monkeypatch.setenv("AIRWORTHY_STEPS_IMAGE", image("foreign-steps"))
    said = failing(pods, BadInput)
    assert "made for another processor than the node's" in said
    assert "exec format error" in said


def test_a_secret_that_is_not_there(pods: Pods, monkeypatch: Set) -> None:
    monkeypatch.setenv("AIRWORTHY_STORE_SECRET", "nowhere")
    said = failing(pods, BadInput)
    assert 'secret "nowhere" not found' in said
    assert "Check AIRWORTHY_STORE_SECRET" in said


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ({"memory": "9Ti"}, r"no node has that much memory; the largest has \d+\w* \(got '9Ti'\)"),
        ({"cpu": "900"}, r"no node has that much cpu"),
        ({"node_selector": {"gpu": "yes"}}, r"no node has the labels of node_selector"),
    ],
    ids=["memory", "cpu", "labels"],
)
def test_more_than_any_node_has_is_refused_before(
    pods: Pods, amounts: dict[str, object], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        pods.task("pass", compute=asking(**amounts)).launch()  # type: ignore[arg-type]
    assert pods.names() == []


@pytest.fixture
def few(pods: Pods) -> Iterator[None]:
    """Let the namespace have little memory."""
    limit_memory(pods, "256Mi")
    yield
    pods.cluster.kubectl("delete", "quota", "few", "-n", pods.namespace)


@pytest.mark.usefixtures("few")
def test_more_than_the_quota_allows_is_refused_before(pods: Pods) -> None:
    with pytest.raises(BadInput, match=r"more .*memory than the quota few allows at all"):
        pods.task("pass", compute=asking(memory="1Gi")).launch()
    assert pods.names() == []
    pods.task("time.sleep(9)").launch()
    with pytest.raises(InfrastructureError, match=r"the quota few is used up for now"):
        pods.task("pass", task_id="another").launch()
    assert len(pods.names()) == 1


def limit_memory(pods: Pods, most: str) -> None:
    hard = {"requests.memory": most, "limits.memory": most}
    place = {"name": "few", "namespace": pods.namespace}
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": place, "spec": {"hard": hard}}
    pods.cluster.apply(quota)
    wait_until(lambda: pods.cluster.read("quota", "few", "-n", pods.namespace)["status"], 20)


def test_an_api_server_that_does_not_answer(pods: Pods, tmp_path: Path, monkeypatch: Set) -> None:
    connect(monkeypatch, changed(pods, tmp_path, server="https://127.0.0.1:9"))
    monkeypatch.setenv("AIRWORTHY_POD_OUTAGE_SECONDS", "1")
    said = failing(pods, InfrastructureError)
    assert said.startswith("Kubernetes: the API server does not answer")
    assert "Connection refused" in said


def test_credentials_that_have_expired(pods: Pods, tmp_path: Path, monkeypatch: Set) -> None:
    connect(monkeypatch, changed(pods, tmp_path, token="expired"))
    said = failing(pods, InfrastructureError)
    assert "does not accept our credentials; a token may have expired" in said


def test_a_right_that_is_missing(pods: Pods, tmp_path: Path, monkeypatch: Set) -> None:
    pods.cluster.kubectl("create", "serviceaccount", "nobody", "-n", pods.namespace)
    token = pods.cluster.kubectl("create", "token", "nobody", "-n", pods.namespace).strip()
    connect(monkeypatch, changed(pods, tmp_path, token=token))
    said = failing(pods, Forbidden)
    assert "we lack a right in the cluster" in said
    assert "cannot list resource" in said


def changed(pods: Pods, folder: Path, *, server: str = "", token: str = "") -> Path:
    """Write a kubeconfig with another address or another person."""
    view = pods.cluster.kubectl("config", "view", "--raw", "--flatten", "--minify", "-o", "json")
    config = json.loads(view)
    if server:
        config["clusters"][0]["cluster"]["server"] = server
    if token:
        config["users"][0]["user"] = {"token": token}
    path = folder / "changed-kubeconfig"
    path.write_text(json.dumps(config))
    return path


def test_no_connection_that_leads_anywhere(pods: Pods, monkeypatch: Set) -> None:
    monkeypatch.setenv("AIRWORTHY_POD_CONNECTION", "elsewhere")
    said = failing(pods, BadInput)
    assert "AIRWORTHY_POD_CONNECTION: there is no way to the cluster" in said


def test_a_store_that_is_read_only(pods: Pods) -> None:
    pods.store.chmod(0o755)
    said = failing(pods, InfrastructureError)
    assert "the store refused" in said
    assert "may be read and written" in said


def test_a_claim_that_is_full(pods: Pods) -> None:
    mounted = pods.store
    size = ("-o", "size=1m,mode=777")
    subprocess.run(["mount", "-t", "tmpfs", *size, "tmpfs", str(mounted)], check=True)
    try:
        (mounted / "filler").write_bytes(bytes(1 << 19))
        script = 'context.store.write(f"{context.root}/large", bytes(1 << 20))'
        with pytest.raises(InfrastructureError, match="the store is full"):
            pods.task(script).once()
        assert not list(mounted.rglob("*.partial"))
        assert not list(mounted.rglob("result.json"))
        wait_until(lambda: not pods.names(), 20)
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


def test_more_scratch_than_the_profile_has(pods: Pods) -> None:
    script = "(context.scratch / 'x').write_bytes(bytes(120_000_000))\ntime.sleep(60)"
    with pytest.raises(BadInput, match="more to its local disk than it may"):
        pods.task(script, compute=Compute(default=Profile(cpu="50m", scratch="16Mi"))).once()


def test_a_step_that_takes_too_long(pods: Pods) -> None:
    with pytest.raises(InfrastructureError, match="the step took longer than its task may"):
        pods.task("time.sleep(60)", seconds=4).once()
    assert pods.names() == []


def test_pods_that_nobody_collected_go_when_the_next_step_begins(
    pods: Pods, monkeypatch: Set
) -> None:
    monkeypatch.setenv("AIRWORTHY_POD_TTL_SECONDS", "1")
    pods.task("pass", task_id="left").launch()
    wait_until(lambda: pods.all()[0]["status"]["phase"] == "Succeeded", 60)
    (left,) = pods.names()
    done = pods.all()[0]["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"]
    ended = datetime.fromisoformat(done)
    wait_until(lambda: (datetime.now(UTC) - ended).total_seconds() > 1.5, 10)
    assert STEP_PODS.items() <= pods.all()[0]["metadata"]["labels"].items()
    pods.task("time.sleep(9)", task_id="next").launch()
    wait_until(lambda: left not in pods.names(), 10)
