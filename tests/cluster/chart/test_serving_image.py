"""The serving image and the chart's runtime with a package as training makes it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from include.embedded.home import home
from tests.support import cluster as clusters
from tests.support.cluster import wait_until
from tests.support.product_images import product

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cluster import Cluster
    from tests.support.helm import Chart

SPEC = """
import sys
from pathlib import Path
from include.spec import compiled
from include.spec.model import CompiledSpec
from tests.conftest import Toy
spec = Toy().spec()
whole = CompiledSpec(
    environment="test", sources={}, origins=(), digest=compiled.digest_of(spec), spec=spec
)
Path(sys.argv[1]).write_bytes(compiled.to_bytes(whole))
"""
ASK = """
import httpx, json
url = "http://127.0.0.1:8080"
row = {"income": 1.5, "years": 3, "owner": True, "town": "Ames", "grade": "2"}
said = httpx.post(url + "/v1/models/toy:predict", json={"instances": [row]}, timeout=30)
counted = httpx.get(url + "/metrics", timeout=30).text
print(json.dumps({"status": said.status_code, "said": said.json(), "counted": counted}))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of a real package of the toy model, by name."""
    folder = tmp_path_factory.mktemp("home")
    spec = folder / "spec.json"
    environ = {**os.environ, "AIRWORTHY_HOME": str(folder)}
    python = str(home().steps)
    for words in (["-c", SPEC, str(spec)], ["-m", "tests.support.toy_packages", str(spec), "1"]):
        subprocess.run([python, *words], check=True, env=environ, cwd=clusters.ROOT)
    (found,) = (folder / "store" / "packages").iterdir()
    return files(found)


def files(folder: Path) -> dict[str, bytes]:
    every = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in every}


def pod(chart: Chart, namespace: str, reference: str, names: dict[str, str]) -> dict[str, Any]:
    """Return a pod of the runtime's container, as KServe makes it; the package is copied in."""
    runtime = chart.render().one("ClusterServingRuntime", "airworthy-model")["spec"]
    (container,) = runtime["containers"]
    arguments = [word.replace("{{.Name}}", "toy") for word in container["args"]]
    models = {"name": "models", "mountPath": "/mnt/models"}
    served = {**container, "image": reference, "args": arguments}
    served["volumeMounts"] = [*container["volumeMounts"], {**models, "readOnly": True}]
    copies = " && ".join(
        f"mkdir -p $(dirname /mnt/models/{path}) && cat /given/{key} > /mnt/models/{path}"
        for key, path in names.items()
    )
    copy = {
        "name": "fetch", "image": reference, "command": ["sh", "-c", copies],
        "securityContext": container["securityContext"],
        "volumeMounts": [models, {"name": "given", "mountPath": "/given"}],
    }  # fmt: skip
    volumes = [
        *runtime["volumes"],
        {"name": "models", "emptyDir": {}},
        {"name": "given", "configMap": {"name": "package"}},
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "model", "namespace": namespace, "labels": {"endpoint": "v1_2_0"}},
        "spec": {
            "securityContext": {"fsGroup": 65532},
            "initContainers": [copy],
            "containers": [served],
            "volumes": volumes,
        },
    }


def test_a_package_of_training_is_served_by_the_runtime(
    chart: Chart, cluster: Cluster, namespace: str, package: dict[str, bytes]
) -> None:
    names = {f"file-{number}": path for number, path in enumerate(sorted(package))}
    given = {key: base64.b64encode(package[path]).decode() for key, path in names.items()}
    kept = {"apiVersion": "v1", "kind": "ConfigMap", "binaryData": given}
    meta = {"name": "package", "namespace": namespace}
    served = pod(chart, namespace, product(cluster, "serving"), names)
    cluster.apply({**kept, "metadata": meta}, served)

    def is_ready() -> bool:
        status = cluster.read("pod", "model", "-n", namespace)["status"]
        assert status["phase"] != "Failed", cluster.kubectl("logs", "model", "-n", namespace)
        return any(one["ready"] for one in status.get("containerStatuses", []))

    wait_until(is_ready, 120, every=1)
    asked = ("exec", "model", "-c", "kserve-container", "-n", namespace, "--")
    told = json.loads(cluster.kubectl(*asked, "python", "-c", ASK))
    assert told["status"] == 200
    assert told["said"]["model_version"] == "1.2.0"
    assert 'version="1.2.0"' in told["counted"]
    cluster.kubectl("delete", "pod", "model", "-n", namespace, "--wait=false")
    # It goes on answering while gateways still send to it.
    assert json.loads(cluster.kubectl(*asked, "python", "-c", ASK))["status"] == 200
