"""The chart on a real cluster, against a real PostgreSQL: it comes up, is tried, and goes."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cluster import wait_until
from tests.support.helm import CHART, settings
from tests.support.product_images import product

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.cluster import Cluster

RELEASE = "aw"
SECRET, KEY, PASSWORD = "s" * 40, "k" * 40, "swordfish"
TOKEN = "awp_" + "t" * 40
TOKENS = [
    {
        "sha256": sha256(TOKEN.encode()).hexdigest(),
        "kind": "person",
        "id": "ada",
        "roles": ["viewer"],
    }
]
PEOPLE = f"""
import httpx, sys
api = "http://{RELEASE}-control-plane:8070/api/v1"
said = httpx.get(api + "/whoami", headers={{"Authorization": "Bearer {TOKEN}"}})
print(said.status_code, said.json().get("id"))
"""
LIVES = (
    "pods,services,deployments,replicasets,jobs,configmaps,secrets,serviceaccounts,roles,"
    "rolebindings,networkpolicies,resourcequotas"
)
ACROSS = "namespaces,clusterroles,clusterrolebindings,clusterservingruntimes"


@dataclass(frozen=True)
class Place:
    """Namespaces of one installation."""

    release: str

    @property
    def steps(self) -> str:
        return f"{self.release}-steps"

    @property
    def serving(self) -> str:
        return f"{self.release}-serving"


@pytest.fixture(scope="module")
def place(cluster: Cluster) -> Iterator[Place]:
    """Return namespaces of our own; all go, also after a failure."""
    found = Place(cluster.open_namespace("test-chart"))
    yield found
    cluster.run("helm", "uninstall", RELEASE, "-n", found.release, "--ignore-not-found")
    for name in (found.release, found.steps, found.serving):
        cluster.close_namespace(name)


@pytest.fixture(scope="module")
def database(cluster: Cluster, place: Place, image: Callable[[str], str]) -> None:
    """Start a PostgreSQL and keep its address in the secrets that the chart reads."""
    labels = {"app": "postgresql"}
    meta = {"name": "postgresql", "namespace": place.release}
    container = {
        "name": "postgresql",
        "image": image("postgresql"),
        "env": [{"name": "POSTGRES_PASSWORD", "value": PASSWORD}],
        "ports": [{"containerPort": 5432}],
        "readinessProbe": {"tcpSocket": {"port": 5432}, "periodSeconds": 1},
    }
    cluster.apply(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {**meta, "labels": labels},
         "spec": {"containers": [container], "terminationGracePeriodSeconds": 1}},
        {"apiVersion": "v1", "kind": "Service", "metadata": meta,
         "spec": {"selector": labels, "ports": [{"port": 5432}]}},
        secret(place, "airworthy-database",
               url=f"postgresql://airworthy:{PASSWORD}@postgresql/postgres"),
        secret(place, "airworthy-control-plane",
               AIRWORTHY_SIGNING_KEY=KEY, AIRWORTHY_WORKLOAD_SECRET=SECRET),
        secret(place, "tokens", **{"tokens.json": json.dumps(TOKENS)}),
    )  # fmt: skip
    cluster.kubectl(
        "wait", "pod/postgresql", "-n", place.release, "--for=condition=Ready", "--timeout=90s"
    )


@pytest.fixture
def installed(cluster: Cluster, place: Place, database: None) -> Place:
    """Install the chart, as the docs say, where no test did or one has uninstalled it."""
    if cluster.run("helm", "list", "-q", "-n", place.release).strip() == RELEASE:
        return place
    reference = product(cluster, "control-plane")
    prefix, _, tag = reference.rpartition("airworthy-control-plane:")
    values = {
        "image": {"prefix": prefix, "tag": tag},
        "controlPlane": {"tokensSecretName": "tokens", "secretName": "airworthy-control-plane"},
        "steps": {"namespace": place.steps},
        "serving": {
            "namespace": place.serving,
            "runtimeName": place.release,
            "kserveNamespace": place.serving,
        },
    }
    words = ("helm", "install", RELEASE, str(CHART), "-n", place.release)
    cluster.run(*words, "--wait", "--timeout", "200s", *settings(values))
    return place


def secret(place: Place, name: str, **data: str) -> dict[str, Any]:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    meta = {"name": name, "namespace": place.release}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": encoded}


def left(cluster: Cluster, place: Place) -> list[str]:
    """Return what carries the label of the release, anywhere."""
    label = f"app.kubernetes.io/instance={RELEASE}"
    printed = cluster.kubectl("get", ACROSS, "-l", label, "-o", "name")
    for namespace in (place.release, place.steps, place.serving):
        printed += cluster.kubectl("get", LIVES, "-n", namespace, "-l", label, "-o", "name")
    ours = [line for line in printed.splitlines() if line]
    return [line for line in ours if "/test-chart-" not in line or place.release in line]


def psql(cluster: Cluster, place: Place, query: str) -> str:
    words = ("psql", "-h", "/tmp", "-U", "airworthy", "postgres", "-Atc", query)
    inside = ("exec", "postgresql", "-n", place.release, "--", "env", f"PGPASSWORD={PASSWORD}")
    return cluster.kubectl(*inside, *words).strip()


def test_it_comes_up_on_postgresql_and_stands_its_own_test(
    cluster: Cluster, installed: Place
) -> None:
    revisions = psql(cluster, installed, "select count(*) from alembic_version")
    assert revisions == "1"
    told = cluster.run("helm", "test", RELEASE, "-n", installed.release, "--timeout", "90s")
    assert "Succeeded" in told
    # The test asked for a token, which is recorded with everything else.
    assert int(psql(cluster, installed, "select count(*) from audit_event")) >= 1
    assert not cluster.kubectl("get", "jobs", "-n", installed.release, "-o", "name")


def test_people_of_the_token_file_are_known(cluster: Cluster, installed: Place) -> None:
    pod = f"deploy/{RELEASE}-control-plane"
    told = cluster.kubectl("exec", pod, "-n", installed.release, "--", "python", "-c", PEOPLE)
    assert told.strip() == "200 ada"


def test_the_process_is_nobody_and_writes_nowhere(cluster: Cluster, installed: Place) -> None:
    pod = f"deploy/{RELEASE}-control-plane"
    shell = "id -u; touch /opt/airworthy/x 2>&1 || true; ls /var/run/secrets 2>&1 || true"
    told = cluster.kubectl("exec", pod, "-n", installed.release, "--", "sh", "-c", shell)
    assert told.splitlines()[0] == "65532"
    assert "Read-only file system" in told
    assert "No such file" in told


def test_an_upgrade_migrates_first_and_keeps_what_is_there(
    cluster: Cluster, installed: Place
) -> None:
    before = psql(cluster, installed, "select count(*) from audit_event")
    words = ("helm", "upgrade", RELEASE, str(CHART), "-n", installed.release, "--reuse-values")
    cluster.run(*words, "--set", "controlPlane.replicas=2", "--wait", "--timeout", "120s")
    control = cluster.read("deployment", f"{RELEASE}-control-plane", "-n", installed.release)
    assert control["status"]["readyReplicas"] == 2
    assert psql(cluster, installed, "select count(*) from audit_event") == before


def test_uninstalling_leaves_nothing(cluster: Cluster, installed: Place) -> None:
    assert left(cluster, installed)
    cluster.run("helm", "uninstall", RELEASE, "-n", installed.release, "--wait")
    wait_until(lambda: not left(cluster, installed), 60)
