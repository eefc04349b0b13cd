"""A step as a pod. Equal calls, profiles and settings give equal manifests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.pods import quantity
from include.pods.images import image

if TYPE_CHECKING:
    from include.pods.labels import PodIdentity
    from include.pods.settings import PodSettings
    from include.spec.compute import Profile, Toleration
    from include.steps.contract import StepCall

CONTAINER = "step"
NOBODY = 65532
GRACE_SECONDS = 10
# A node that has gone silent gives its pods up after a minute, not after the usual five.
SILENT_SECONDS = 60
SCRATCH = "/tmp"  # noqa: S108 - a volume of the pod's own
_SILENT = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class StepPod:
    """One step, as much as a pod needs to know of it.

    Attributes:
        call: The call.
        identity: Whose pod it is.
        profile: What it gets.
        seconds: How long it may run.
        environ: Environment variables of the installation that a step may see.
    """

    call: StepCall
    identity: PodIdentity
    profile: Profile
    seconds: int
    environ: tuple[tuple[str, str], ...] = ()


def manifest(pod: StepPod, settings: PodSettings) -> dict[str, Any]:
    """Return the pod as Kubernetes reads it, without the suffix of its name."""
    identity = pod.identity
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": identity.name,
            "namespace": settings.namespace,
            "labels": identity.labels,
            "annotations": identity.annotations,
        },
        "spec": {**_spec(pod, settings), **_account(settings)},
    }


def _spec(pod: StepPod, settings: PodSettings) -> dict[str, Any]:
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        # Without it the step is process 1, and to that a polite end is no signal.
        "shareProcessNamespace": True,
        "activeDeadlineSeconds": pod.seconds,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": NOBODY,
            "runAsGroup": NOBODY,
            "fsGroup": NOBODY,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "nodeSelector": dict(sorted(pod.profile.node_selector.items())),
        "tolerations": [*map(_toleration, pod.profile.tolerations), *map(_silent, _SILENT)],
        "containers": [_container(pod, settings)],
        "volumes": _volumes(pod.profile, settings),
    }


def _account(settings: PodSettings) -> dict[str, Any]:
    account = {"serviceAccountName": settings.service_account} if settings.service_account else {}
    if not settings.pull_secret:
        return account
    return {**account, "imagePullSecrets": [{"name": settings.pull_secret}]}


def _container(pod: StepPod, settings: PodSettings) -> dict[str, Any]:
    mounts = [{"name": "scratch", "mountPath": SCRATCH}]
    if settings.claim:
        mounts.append({"name": "store", "mountPath": settings.mount})
    secret = [{"secretRef": {"name": settings.secret}}] if settings.secret else []
    return {
        "name": CONTAINER,
        "image": image(pod.call, settings),
        "imagePullPolicy": "IfNotPresent",
        "command": [_literal(word) for word in pod.call.argv("python")],
        "env": [{"name": name, "value": _literal(text)} for name, text in _environ(pod)],
        "envFrom": secret,
        "resources": resources(pod.profile),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": mounts,
        # The end of what a failed step said: the message that the task's log ends with.
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }


def _literal(text: str) -> str:
    """Return a text that Kubernetes hands on as it is: it would fill in ``$(NAME)``."""
    return text.replace("$(", "$$(")


def resources(profile: Profile) -> dict[str, dict[str, str]]:
    """Return what a profile asks for; memory and disk are kept for it and are its limit."""
    kept = {"memory": profile.memory, "ephemeral-storage": profile.scratch}
    limit = {"cpu": profile.cpu_limit} if profile.cpu_limit else {}
    return {"requests": {"cpu": profile.cpu, **kept}, "limits": {**limit, **kept}}


def _environ(pod: StepPod) -> list[tuple[str, str]]:
    identity, threads = pod.identity, str(quantity.whole(pod.profile.cpu))
    own = {
        "HOME": SCRATCH,
        "TMPDIR": SCRATCH,
        "PYTHONUNBUFFERED": "1",
        "AIRWORTHY_HOME": SCRATCH,
        "AIRWORTHY_RUN": identity.run_id,
        "AIRWORTHY_DAG": identity.dag_id,
        "AIRWORTHY_TASK": identity.task_id,
        **dict.fromkeys(_THREADS, threads),
    }
    return sorted({**dict(pod.environ), **own}.items())


def _volumes(profile: Profile, settings: PodSettings) -> list[dict[str, Any]]:
    scratch = {"name": "scratch", "emptyDir": {"sizeLimit": profile.scratch}}
    if not settings.claim:
        return [scratch]
    return [
        scratch,
        {"name": "store", "persistentVolumeClaim": {"claimName": settings.claim}},
    ]


def _toleration(given: Toleration) -> dict[str, str]:
    effect = {"effect": given.effect} if given.effect else {}
    if not given.value:
        return {"key": given.key, "operator": "Exists", **effect}
    return {"key": given.key, "operator": "Equal", "value": given.value, **effect}


def _silent(taint: str) -> dict[str, Any]:
    return {
        "key": taint,
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": SILENT_SECONDS,
    }
