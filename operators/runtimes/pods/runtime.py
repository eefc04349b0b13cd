"""Prepares the pod of a step and hands over to the triggerer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from include.pods import reach
from include.pods import settings as pod_settings
from include.pods.labels import PodIdentity
from include.pods.manifest import StepPod
from include.pods.quantity import times
from operators.runtimes.pods import memory
from operators.runtimes.pods.operator import StepPodOperator

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.client.messages.base import RunRef
    from include.settings import Settings
    from include.steps.contract import StepCall
    from operators.runtimes.protocol import StepTask


class PodRuntime:
    """Runs a step as a pod.

    Args:
        installation: Where store and MLflow are.
        task: The task that runs the step.
    """

    def __init__(self, installation: Settings, task: StepTask) -> None:
        self._installation = installation
        self._task = task
        self._operator: StepPodOperator | None = None

    def run(self, call: StepCall, run: RunRef, emit: Callable[[str], None]) -> NoReturn:  # noqa: ARG002  (the triggerer tells the lines)
        """Make the pod of ``call``; the task goes on in ``step_ended``.

        Raises:
            TaskDeferred: always, where nothing is in the way.
            BadInput: no pod can be made of this.
            Forbidden: we lack a right in the cluster.
            InfrastructureError: the cluster did not answer, or has no room now.
        """
        settings, context = pod_settings.read(), self._task.context
        reach.check(call.step, self._installation, settings)
        compute = self._task.spec.compute
        profile, more = compute.of(call.step), ""
        grown = times(profile.memory, compute.memory_factor)
        if memory.has_run_out(context, call.key):
            profile = profile.model_copy(update={"memory": grown})
        else:
            more = grown
        pod = StepPod(
            call=call,
            identity=self._identity(call, run),
            profile=profile,
            seconds=self._task.seconds,
            environ=reach.environ(self._installation),
        )
        self._operator = StepPodOperator(
            task_id=run.task_id, pod=pod, settings=settings, more_memory=more
        )
        self._operator.launch(context)

    def kill(self) -> None:
        """Remove the pod that was just made."""
        operator, self._operator = self._operator, None
        if operator is not None:
            operator.on_kill()

    def _identity(self, call: StepCall, run: RunRef) -> PodIdentity:
        return PodIdentity(
            model=self._task.spec.model,
            step=call.step,
            key=call.key,
            spec_digest=call.spec_digest,
            dag_id=run.dag_id,
            run_id=run.run_id,
            task_id=run.task_id,
            map_index=run.map_index,
            try_number=run.try_number,
        )
