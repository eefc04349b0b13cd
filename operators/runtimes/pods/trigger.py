"""Watches the pod of a step until it is over, tells what it prints, and removes it."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from aiohttp import ClientError
from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook
from airflow.sdk.exceptions import AirflowException
from airflow.triggers.base import BaseTrigger, TriggerEvent
from kubernetes_asyncio.client import ApiException
from kubernetes_asyncio.config import ConfigException

from include.pods.ending import Cause, PodEnding, Waited, ending, gone
from include.pods.log import LogLines
from include.pods.manifest import CONTAINER, GRACE_SECONDS
from include.pods.observed import Pod
from operators.firing import Firing
from operators.runtimes.pods.after import PodEnded
from operators.runtimes.speech import heard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

log = logging.getLogger(__name__)
NOT_FOUND = 404
LOG_SECONDS = 2.0
TROUBLE = (ApiException, AirflowException, ClientError, ConfigException, OSError, TimeoutError)


@dataclass(frozen=True, kw_only=True)
class PodWatch:
    """What the trigger needs to know.

    Attributes:
        pod: Name of the pod.
        namespace: Its namespace.
        connection: Airflow connection of the cluster.
        is_in_cluster: Whether the worker used the service account of its own pod.
        start_seconds: How long the pod may wait before it begins.
        outage_seconds: How long the API server may be silent.
        poll_seconds: Time between two looks.
        output: URI of the step's result.
        key: Key of the step's call.
        memory: Memory that the pod got.
        more_memory: Memory that it gets once more if that was too little; none the second time.
    """

    pod: str
    namespace: str
    connection: str
    is_in_cluster: bool
    start_seconds: float
    outage_seconds: float
    poll_seconds: float
    output: str
    key: str
    memory: str
    more_memory: str

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON primitives."""
        return asdict(self)

    @classmethod
    def from_json(cls, arguments: dict[str, Any]) -> Self:
        """Return the values that ``to_json`` wrote."""
        return cls(**arguments)

    def ended(self, end: PodEnding) -> PodEnded:
        """Return what the task is told of an end."""
        return PodEnded(end, self.pod, self.output, self.key, self.memory, self.more_memory)


class StepPodTrigger(BaseTrigger):
    """Fires once, when the pod is over or will never begin.

    A restart of the triggerer leaves the pod alone; a person who ends or clears the task ends it.

    Args:
        arguments: A ``PodWatch`` as JSON primitives.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.watch = PodWatch.from_json(arguments)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow stores."""
        return f"{__name__}.{type(self).__name__}", self.watch.to_json()

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look again and again; an outage of the API server is waited out."""
        firing = Firing(self.watch.poll_seconds)
        end = await Watcher(self.watch).end()
        await firing.hold()
        yield TriggerEvent(self.watch.ended(end).to_json())

    async def on_kill(self) -> None:
        """Remove the pod: a person ended or cleared the task."""
        await Watcher(self.watch).remove(GRACE_SECONDS)


class Watcher:
    """One pod, watched through one connection.

    Args:
        watch: Which pod, and how.
    """

    def __init__(self, watch: PodWatch) -> None:
        self._watch = watch
        self._hook = self._connect()
        self._lines = LogLines()
        self._began = self._answered = time.monotonic()
        self._told: float | None = None
        self._going: float | None = None

    async def end(self) -> PodEnding:
        """Return how the pod ended; what it printed has been told, and it is gone."""
        last: Pod | None = None
        while True:
            try:
                last = await self._look()
            except TROUBLE as error:
                if getattr(error, "status", None) == NOT_FOUND:
                    return gone(last)
                if time.monotonic() - self._answered > self._watch.outage_seconds:
                    return PodEnding(Cause.UNREACHABLE, message=str(error)[:500])
                log.warning("the API server does not answer; the pod goes on (%s)", _short(error))
                self._hook = self._connect()
                await asyncio.sleep(self._watch.poll_seconds)
                continue
            self._answered = time.monotonic()
            end = ending(last, self._waited(last))
            if end is not None:
                return await self._collect(last, end)
            await self._tell(last)
            await asyncio.sleep(self._watch.poll_seconds)

    async def remove(self, grace_seconds: int) -> None:
        """Remove the pod; where that fails, its deadline and the clean-up of leftovers will."""
        place = (self._watch.pod, self._watch.namespace)
        try:
            await self._hook.delete_pod(*place, grace_period_seconds=grace_seconds)
        except TROUBLE as error:
            log.warning("pod %s was not removed: %s", self._watch.pod, _short(error))

    def _connect(self) -> AsyncKubernetesHook:
        return AsyncKubernetesHook(
            conn_id=self._watch.connection, in_cluster=self._watch.is_in_cluster or None
        )

    async def _look(self) -> Pod:
        described = await self._hook.get_pod(self._watch.pod, self._watch.namespace)
        return Pod.of(described.to_dict())

    def _waited(self, pod: Pod) -> Waited:
        now = time.monotonic()
        if pod.is_going and self._going is None:
            self._going = now
        going = now - self._going if self._going is not None else 0.0
        return Waited(now - self._began, self._watch.start_seconds, going)

    async def _collect(self, pod: Pod, end: PodEnding) -> PodEnding:
        await self._tell(pod, at_last=True)
        if end.cause is Cause.STUCK:
            end = replace(end, message=await self._warning() or end.message)
        is_over = pod.state.terminated is not None
        await self.remove(0 if is_over else GRACE_SECONDS)
        return end

    async def _tell(self, pod: Pod, *, at_last: bool = False) -> None:
        """Log what the step has printed since the last time."""
        has_begun = pod.state.terminated is not None or pod.status.phase == "Running"
        now = time.monotonic()
        if not has_begun or (self._told and now - self._told < LOG_SECONDS and not at_last):
            return
        since = int(now - self._told) + 2 if self._told else None
        place = (self._watch.pod, self._watch.namespace, CONTAINER)
        try:
            stamped = await self._hook.read_logs(*place, since_seconds=since)
        except TROUBLE as error:
            log.warning("the log of %s cannot be read: %s", self._watch.pod, _short(error))
            return
        self._told = now
        for line in self._lines.new(stamped):
            said = heard(line)
            log.log(said.level, "%s", said.text)

    async def _warning(self) -> str:
        """Return the last thing that Kubernetes warned of about the pod."""
        try:
            events = await self._hook.get_pod_events(self._watch.pod, self._watch.namespace)
        except TROUBLE:
            return ""
        warned = [f"{e.reason}: {e.message}" for e in events.items if e.type == "Warning"]
        return warned[-1] if warned else ""


def _short(error: BaseException) -> str:
    return (str(getattr(error, "reason", None) or error) or type(error).__name__)[:200]
