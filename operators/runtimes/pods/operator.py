"""Makes the pod of a step and waits for it in the triggerer."""

from __future__ import annotations

import datetime
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowNotFoundException, TaskDeferred
from kubernetes.client.exceptions import ApiException  # noqa: TID253 - imported with the provider
from kubernetes.config.config_exception import ConfigException  # noqa: TID253 - the same
from urllib3.exceptions import HTTPError

from include.errors import BadInput
from include.pods import labels, placement, refusal
from include.pods.leftovers import leftovers
from include.pods.manifest import CONTAINER, GRACE_SECONDS, manifest
from include.pods.observed import Pod
from include.pods.placement import Node
from operators.runtimes.pods.trigger import PodWatch, StepPodTrigger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow.sdk import Context

    from include.pods.manifest import StepPod
    from include.pods.settings import PodSettings

RESUMED_BY = "step_ended"
POLL_SECONDS = 0.5
LAUNCH_SECONDS = 90
LOOK_AGAIN_SECONDS = 2.0


class StepPodOperator(KubernetesPodOperator):
    """Runs one step as a pod; the task goes on in its method ``step_ended``.

    Args:
        pod: The step.
        settings: What the installation says about pods.
        more_memory: Memory that the step gets once more if it runs out of what it has.
    """

    BASE_CONTAINER_NAME = CONTAINER

    def __init__(
        self, *, pod: StepPod, settings: PodSettings, more_memory: str, **kwargs: Any
    ) -> None:
        super().__init__(
            kubernetes_conn_id=settings.connection,
            namespace=settings.namespace,
            name=pod.identity.name,
            labels=pod.identity.same_work,
            pod_template_dict=manifest(pod, settings),
            termination_grace_period=GRACE_SECONDS,
            termination_message_policy="FallbackToLogsOnError",
            deferrable=True,
            **kwargs,
        )
        self.step_pod = pod
        self.settings = settings
        self.more_memory = more_memory

    def launch(self, context: Context) -> NoReturn:
        """Make the pod, or find the one that a lost try made, and hand it to the triggerer.

        Raises:
            TaskDeferred: always, where nothing is in the way.
            BadInput: no pod can be made of this.
            Forbidden: we lack a right in the cluster.
            InfrastructureError: the cluster did not answer, or has no room now.
        """
        with _worded(self.settings):
            watch = self._made(context)
        longest = self.step_pod.seconds + watch.start_seconds + watch.outage_seconds
        raise TaskDeferred(
            trigger=StepPodTrigger(**watch.to_json()),
            method_name=RESUMED_BY,
            timeout=datetime.timedelta(seconds=longest),
        )

    def _made(self, context: Context) -> PodWatch:
        """Make the pod; an API server that is away for a moment is waited for."""
        until = time.monotonic() + min(self.settings.outage_seconds, LAUNCH_SECONDS)
        while True:
            try:
                if not self.settings.are_nodes_elastic:
                    self._check_nodes()
                self._sweep()
                self.pod_request_obj = self.build_pod_request_obj(context)
                self.pod = self.get_or_create_pod(self.pod_request_obj, context)
                return self._watch()
            except HTTPError as error:
                if time.monotonic() > until:
                    raise
                self.log.warning("the API server does not answer: %s", error)
                time.sleep(LOOK_AGAIN_SECONDS)

    def find_pod(
        self,
        namespace: str,
        context: Context,
        *,
        exclude_checked: bool = True,  # noqa: ARG002
    ) -> Any | None:
        """Return the newest pod that does this very work for this task and is to stay."""
        whose = {**self.labels, **self._get_ti_pod_labels(context, include_try_number=False)}
        chosen = labels.selector(whose)
        found = self.client.list_namespaced_pod(namespace, label_selector=chosen).items
        staying = [pod for pod in found if self._stays(pod)]
        return max(staying, key=lambda pod: pod.metadata.creation_timestamp, default=None)

    def _watch(self) -> PodWatch:
        call, profile = self.step_pod.call, self.step_pod.profile
        return PodWatch(
            pod=self.pod.metadata.name,
            namespace=self.pod.metadata.namespace,
            connection=self.settings.connection,
            is_in_cluster=self.hook.is_in_cluster,
            start_seconds=self.settings.start_seconds,
            outage_seconds=self.settings.outage_seconds,
            poll_seconds=POLL_SECONDS,
            output=call.output,
            key=call.key,
            memory=profile.memory,
            more_memory=self.more_memory,
        )

    def _get_pod_from_task_state_store(self, context: Context) -> Any | None:
        pod = super()._get_pod_from_task_state_store(context)
        return pod if pod is not None and self._stays(pod) else None

    def _stays(self, pod: Any) -> bool:
        """Say whether a pod does this very work and nobody has asked for its removal."""
        key = (pod.metadata.labels or {}).get(labels.KEY)
        return pod.metadata.deletion_timestamp is None and key == self.labels[labels.KEY]

    def _check_nodes(self) -> None:
        """Refuse what no node can take; without the right to list nodes, nothing is known."""
        try:
            found = self.client.list_node().items
        except ApiException as error:
            if error.status != refusal.FORBIDDEN:
                raise
            return
        nodes = tuple(_node(one) for one in found)
        placement.check(self.step_pod.call.step, self.step_pod.profile, nodes)

    def _sweep(self) -> None:
        """Remove finished pods of ours that nobody collected; a failure of it is no failure."""
        namespace, chosen = self.settings.namespace, labels.selector(labels.STEP_PODS)
        now = datetime.datetime.now(datetime.UTC)
        found = self.client.list_namespaced_pod(namespace, label_selector=chosen).items
        pods = [Pod.of(one.to_dict()) for one in found]
        for name in leftovers(pods, now, self.settings.ttl_seconds):
            self.log.info("removing pod %s, which nobody collected", name)
            try:
                self.client.delete_namespaced_pod(name, namespace)
            except ApiException as error:
                self.log.warning("pod %s was not removed: %s", name, error.reason)


@contextmanager
def _worded(settings: PodSettings) -> Iterator[None]:
    """Say in our words what the cluster or its connection does not allow."""
    try:
        yield
    except ApiException as error:
        raise refusal.refusal(error.status or 0, str(error.body or error.reason)) from error
    except (HTTPError, OSError) as error:
        raise refusal.unreachable(error) from error
    except (ConfigException, AirflowNotFoundException) as error:
        remedy = "Make the connection in Airflow, or name another in AIRWORTHY_POD_CONNECTION"
        what = f"there is no way to the cluster ({error})"
        where = "AIRWORTHY_POD_CONNECTION"
        raise BadInput(what, where=where, value=settings.connection, remedy=remedy) from error


def _node(described: Any) -> Node:
    has = described.status.allocatable
    return Node(
        described.metadata.name,
        has["cpu"],
        has["memory"],
        has.get("ephemeral-storage", "0"),
        tuple(sorted((described.metadata.labels or {}).items())),
    )
