"""What the chart's values give, object by object; the defaults first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.helm import CHART

if TYPE_CHECKING:
    from tests.support.cluster import Cluster
    from tests.support.helm import Chart, Rendered

AIRFLOW = {"airflow__url": "http://airflow:8080", "airflow__secretName": "account"}
KINDS = {
    "Namespace": 2,
    "ServiceAccount": 5,
    "Role": 5,
    "RoleBinding": 5,
    "ClusterRole": 1,
    "ClusterRoleBinding": 1,
    "NetworkPolicy": 4,
    "ConfigMap": 1,
    "Service": 1,
    "Deployment": 1,
    "ClusterServingRuntime": 1,
    "Job": 1,
    "Pod": 1,
}


@pytest.fixture(scope="module")
def plain(chart: Chart) -> Rendered:
    return chart.render()


@pytest.fixture(scope="module")
def whole(chart: Chart) -> Rendered:
    return chart.render(
        **AIRFLOW,
        controlPlane__tokensSecretName="tokens",
        image__pullSecrets=["pull"],
        steps__quota={"requests.cpu": "4"},
        steps__egress=["10.0.0.0/8"],
    )


def test_the_defaults_give_these_objects_and_no_other(plain: Rendered) -> None:
    counted: dict[str, int] = {}
    for one in plain.objects:
        counted[one["kind"]] = counted.get(one["kind"], 0) + 1
    assert counted == KINDS


def test_no_secret_is_made_or_read_from_values(plain: Rendered, whole: Rendered) -> None:
    for rendered in (plain, whole):
        assert not rendered.all("Secret")
        for spec in rendered.pods().values():
            for container in spec["containers"]:
                for variable in container.get("env", []):
                    hidden = any(word in variable["name"] for word in ("SECRET", "KEY", "PASSWORD"))
                    assert not hidden or "secretKeyRef" in variable["valueFrom"]


def test_every_pod_keeps_to_the_restricted_profile(whole: Rendered) -> None:
    pods = whole.pods()
    assert len(pods) == 4
    for name, spec in pods.items():
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] == 65532, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["imagePullSecrets"] == [{"name": "pull"}], name
        for container in spec["containers"]:
            keeps = container["securityContext"]
            assert keeps["readOnlyRootFilesystem"] is True, name
            assert keeps["allowPrivilegeEscalation"] is False, name
            assert keeps["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["limits"]["memory"], name


def test_no_right_is_wider_than_what_it_names(whole: Rendered) -> None:
    for role in (*whole.all("Role"), *whole.all("ClusterRole")):
        for rule in role["rules"]:
            assert "*" not in rule["verbs"] + rule["resources"] + rule["apiGroups"]
            assert not {"secrets", "pods/exec", "roles"} & set(rule["resources"])


def test_only_workers_and_triggerer_are_given_rights(whole: Rendered) -> None:
    for binding in (*whole.all("RoleBinding"), *whole.all("ClusterRoleBinding")):
        names = {subject["name"] for subject in binding["subjects"]}
        assert names <= {"airworthy-worker", "airworthy-triggerer"}


def test_without_airflow_nobody_confirms_and_no_relay_runs(plain: Rendered) -> None:
    assert "AIRWORTHY_AIRFLOW_URL" not in plain.text
    assert [one["metadata"]["name"] for one in plain.all("Deployment")] == ["test-control-plane"]


def test_with_airflow_the_relay_runs_with_its_account(whole: Rendered) -> None:
    relay = whole.one("Deployment", "-relay")["spec"]["template"]["spec"]["containers"][0]
    assert relay["args"] == ["python", "-m", "plugins.airworthy.relay"]
    told = {one["name"]: one for one in relay["env"]}
    assert told["AIRWORTHY_AIRFLOW_PASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == "account"


def test_airflow_may_live_elsewhere_with_accounts_of_its_own(chart: Chart) -> None:
    accounts = {"create": False, "worker": "their-worker", "triggerer": "their-triggerer"}
    rendered = chart.render(airflow__namespace="theirs", airflow__serviceAccounts=accounts)
    assert len(rendered.all("ServiceAccount")) == 3
    subjects = rendered.one("RoleBinding", "-steps-worker")["subjects"]
    assert subjects == [{"kind": "ServiceAccount", "name": "their-worker", "namespace": "theirs"}]
    assert rendered.one("ConfigMap", "-settings")["metadata"]["namespace"] == "theirs"


def test_settings_of_airflow_follow_the_values(chart: Chart) -> None:
    rendered = chart.render(
        store={"uri": "s3://models/prod", "claim": "", "secretName": "keys"},
        image__prefix="r.example/ml/",
        image__tag="1.2",
    )
    told = rendered.one("ConfigMap", "-settings")["data"]
    assert told["AIRWORTHY_STORE"] == "s3://models/prod"
    assert told["AIRWORTHY_STORE_SECRET"] == "keys"
    assert "AIRWORTHY_STORE_CLAIM" not in told
    assert rendered.one("ServiceAccount", "-model")["secrets"] == [{"name": "keys"}]
    assert told["AIRWORTHY_STEPS_IMAGE"] == "r.example/ml/airworthy-steps:1.2"
    assert told["AIRWORTHY_STEPS_IMAGE_FULL"] == "r.example/ml/airworthy-steps:1.2-full"


def test_a_digest_goes_before_the_tag(chart: Chart) -> None:
    digest = "sha256:" + "a" * 64
    rendered = chart.render(image={"controlPlaneDigest": digest, "servingDigest": digest})
    control = rendered.one("Deployment", "-control-plane")["spec"]["template"]["spec"]
    assert control["containers"][0]["image"] == f"airworthy-control-plane@{digest}"
    runtime = rendered.one("ClusterServingRuntime", "airworthy-model")["spec"]
    assert runtime["containers"][0]["image"] == f"airworthy-serving@{digest}"


def test_the_runtime_is_the_one_that_canaries_name(plain: Rendered) -> None:
    runtime = plain.one("ClusterServingRuntime", "airworthy-model")["spec"]
    assert runtime["supportedModelFormats"][0]["name"] == "airworthy"
    assert "v2" in runtime["protocolVersions"]
    (container,) = runtime["containers"]
    assert container["name"] == "kserve-container"
    assert "--package=/mnt/models" in container["args"]
    assert "--host=0.0.0.0" in container["args"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/v2/health/ready"
    assert container["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", "5"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_the_runtime_may_be_one_namespace_s_own_or_none(chart: Chart) -> None:
    own = chart.render(serving__clusterWide=False)
    assert own.one("ServingRuntime", "airworthy-model")["metadata"]["namespace"]
    none = chart.render(serving__enabled=False)
    assert not none.all("ClusterServingRuntime") + none.all("ServingRuntime")


def test_namespaces_may_be_somebody_else_s(chart: Chart) -> None:
    rendered = chart.render(steps__createNamespace=False, serving__createNamespace=False)
    assert not rendered.all("Namespace")


def test_a_quota_and_addresses_of_steps_are_taken_over(plain: Rendered, whole: Rendered) -> None:
    assert not plain.all("ResourceQuota")
    assert whole.one("ResourceQuota", "-steps")["spec"]["hard"] == {"requests.cpu": "4"}
    assert plain.one("NetworkPolicy", "-steps")["spec"]["policyTypes"] == ["Ingress"]
    egress = whole.one("NetworkPolicy", "-steps")["spec"]["egress"]
    assert {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]} in egress


def test_policies_let_in_who_has_to_call(chart: Chart) -> None:
    rendered = chart.render(networkPolicies__from=[{"team": "ml"}])
    (rule,) = rendered.one("NetworkPolicy", "-control-plane")["spec"]["ingress"]
    assert {"namespaceSelector": {"matchLabels": {"team": "ml"}}} in rule["from"]
    assert len(rule["from"]) == 3
    assert not chart.render(networkPolicies__enabled=False).all("NetworkPolicy")


def test_steps_are_kept_to_the_restricted_profile_by_their_namespace(plain: Rendered) -> None:
    labels = plain.one("Namespace", "-steps")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_migration_goes_before_everything_else(plain: Rendered) -> None:
    job = plain.one("Job", "-migration")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"image__tag": "latest"}, "/image/tag"),
        ({"nothing": 1}, "nothing"),
        ({"controlPlane__replicas": -1}, "/controlPlane/replicas"),
        ({"store__uri": "ftp://x"}, "/store/uri"),
        ({"steps__namespace": "Upper"}, "/steps/namespace"),
        ({"image__controlPlaneDigest": "sha256:short"}, "/image/controlPlaneDigest"),
        ({"serving__drainSeconds": 60}, "/serving/drainSeconds"),
    ],
)
def test_values_that_cannot_be_are_refused(
    chart: Chart, values: dict[str, object], told: str
) -> None:
    with pytest.raises(RuntimeError, match=told):
        chart.render(**values)


def test_every_value_stands_in_the_schema() -> None:
    schema = yaml.safe_load((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))

    def missing(given: object, known: dict[str, object], path: str) -> list[str]:
        fields = known.get("properties")
        if not isinstance(given, dict) or not isinstance(fields, dict):
            return []
        return [
            wrong
            for name, value in given.items()
            for wrong in (
                missing(value, fields[name], f"{path}.{name}")
                if name in fields
                else [f"{path}.{name}"]
            )
        ]

    assert missing(values, schema, "") == []
    assert len((CHART / "values.yaml").read_text(encoding="utf-8").splitlines()) < 300


def test_a_real_api_server_takes_every_object(
    chart: Chart, cluster: Cluster, namespace: str
) -> None:
    rendered = chart.render(
        release=namespace,
        namespace=namespace,
        **AIRFLOW,
        steps={"namespace": namespace, "createNamespace": False, "quota": {"pods": "4"}},
        serving={
            "namespace": namespace,
            "createNamespace": False,
            "runtimeName": namespace,
            "kserveNamespace": namespace,
        },
    )
    strict = ("apply", "--dry-run=server", "--validate=strict", "-n", namespace, "-f", "-")
    taken = cluster.kubectl(*strict, text=rendered.text)
    assert len(taken.strip().splitlines()) == len(rendered.objects)
