"""Workers and triggerer may do what they must, and nothing else: asked of a real API server."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from include.serving.kserve.facts import RIGHTS
from tests.support.helm import CHART, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.cluster import Cluster

VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
RESOURCES = (
    ("", "pods"), ("", "pods/log"), ("", "pods/exec"), ("", "events"), ("", "secrets"),
    ("", "configmaps"), ("", "serviceaccounts"), ("", "serviceaccounts/token"), ("", "services"),
    ("", "persistentvolumeclaims"), ("", "resourcequotas"), ("", "nodes"), ("", "namespaces"),
    ("apps", "deployments"), ("batch", "jobs"), ("policy", "poddisruptionbudgets"),
    ("rbac.authorization.k8s.io", "roles"), ("rbac.authorization.k8s.io", "rolebindings"),
    ("serving.kserve.io", "inferenceservices"), ("serving.kserve.io", "servingruntimes"),
    ("gateway.networking.k8s.io", "httproutes"),
)  # fmt: skip
PLACES = ("airflow", "steps", "serving")
SERVES, ROUTES, BUDGETS = "inferenceservices", "httproutes", "poddisruptionbudgets"
WORKER = {
    "steps": {"pods": "get list create delete"},
    "serving": {
        SERVES: "get list create patch", ROUTES: "get", "deployments": "list", "pods": "list",
        BUDGETS: "get create patch delete",
    },
    "": {"nodes": "list"},
}  # fmt: skip
TRIGGERER = {
    "steps": {"pods": "get delete", "pods/log": "get", "events": "list"},
    "serving": {SERVES: "get list", ROUTES: "get", "deployments": "list", "pods": "list"},
    "": {},
}


@pytest.fixture(scope="module")
def rights(cluster: Cluster) -> Iterator[dict[str, str]]:
    """Give the accounts their rights, without the rest; return the namespaces."""
    names = {
        where: cluster.open_namespace(f"test-{where}") for where in ("airflow", "steps", "serving")
    }
    values = {
        "controlPlane__replicas": 0,
        "steps": {"namespace": names["steps"], "createNamespace": False},
        "serving": {
            "namespace": names["serving"],
            "createNamespace": False,
            "runtimeName": names["serving"],
            "kserveNamespace": names["serving"],
        },
    }
    release = ("aw", str(CHART), "-n", names["airflow"])
    cluster.run("helm", "install", *release, "--no-hooks", *settings(values))
    yield names
    cluster.run("helm", "uninstall", "aw", "-n", names["airflow"], "--ignore-not-found")
    cluster.kubectl("delete", "namespace", *names.values())


def answers(printed: str) -> list[dict[str, Any]]:
    """Return the objects that were printed one behind the other."""
    found, decoder = [], json.JSONDecoder()
    while printed := printed.lstrip():
        one, end = decoder.raw_decode(printed)
        found.append(one)
        printed = printed[end:]
    return found


def asked(cluster: Cluster, account: str, namespace: str) -> dict[str, str]:
    """Return what an account may do there, of everything that is asked about."""
    questions = list(product(RESOURCES, VERBS))
    reviews = [
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": account,
                "groups": ["system:serviceaccounts", "system:authenticated"],
                "resourceAttributes": {
                    "group": group,
                    "resource": resource.partition("/")[0],
                    "subresource": resource.partition("/")[2],
                    "verb": verb,
                    "namespace": namespace,
                },
            },
        }
        for (group, resource), verb in questions
    ]
    listed = {"apiVersion": "v1", "kind": "List", "items": reviews}
    answered = answers(cluster.kubectl("create", "-f", "-", "-o", "json", text=json.dumps(listed)))
    allowed: dict[str, list[str]] = {}
    for ((_, resource), verb), answer in zip(questions, answered, strict=True):
        if answer["status"]["allowed"]:
            allowed.setdefault(resource, []).append(verb)
    return {resource: " ".join(verbs) for resource, verbs in allowed.items()}


@pytest.mark.parametrize(("who", "may"), [("worker", WORKER), ("triggerer", TRIGGERER)])
@pytest.mark.parametrize("where", ["steps", "serving", "airflow", ""])
def test_an_account_may_do_what_it_must_and_nothing_else(
    cluster: Cluster, rights: dict[str, str], who: str, may: dict[str, dict[str, str]], where: str
) -> None:
    account = f"system:serviceaccount:{rights['airflow']}:airworthy-{who}"
    found = asked(cluster, account, rights.get(where, ""))
    everywhere = may[""] if where else {}
    wanted = {**may.get(where, {}), **everywhere}
    assert {name: set(verbs.split()) for name, verbs in found.items()} == {
        name: set(verbs.split()) for name, verbs in wanted.items()
    }


@pytest.mark.parametrize(("group", "resource", "verbs"), RIGHTS)
def test_preflight_of_a_release_misses_no_right(
    cluster: Cluster, rights: dict[str, str], group: str, resource: str, verbs: tuple[str, ...]
) -> None:
    account = f"system:serviceaccount:{rights['airflow']}:airworthy-worker"
    what = f"{resource}.{group}".rstrip(".")
    for verb in verbs:
        words = ("auth", "can-i", verb, what, "-n", rights["serving"], "--as", account)
        assert cluster.kubectl(*words, check=False).strip() == "yes", (verb, what)


def test_the_control_plane_may_do_nothing(cluster: Cluster, rights: dict[str, str]) -> None:
    account = f"system:serviceaccount:{rights['airflow']}:aw-control-plane"
    for where in rights.values():
        assert asked(cluster, account, where) == {}


def test_a_worker_reads_one_configuration_and_no_other(
    cluster: Cluster, rights: dict[str, str]
) -> None:
    account = f"system:serviceaccount:{rights['airflow']}:airworthy-worker"

    def may(name: str) -> str:
        words = ("auth", "can-i", "get", f"configmaps/{name}", "-n", rights["serving"])
        return cluster.kubectl(*words, "--as", account, check=False).strip()

    assert may("inferenceservice-config") == "yes"
    assert may("kube-root-ca.crt") == "no"
