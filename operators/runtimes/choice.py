"""The runtime that this installation is set to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from include.errors import BadInput
from operators.runtimes.local import LocalRuntime

if TYPE_CHECKING:
    from include.settings import Settings
    from operators.runtimes.protocol import StepRuntime, StepTask


def runtime(settings: Settings, task: StepTask) -> StepRuntime:
    """Return the runtime named by ``AIRWORTHY_RUNTIME``.

    Raises:
        BadInput: there is no such runtime.
    """
    if settings.runtime == "local":
        return LocalRuntime(settings.steps_python, os.environ)
    if settings.runtime == "kubernetes":
        # It costs more than a second of CPU, which no DAG file and no local step is to pay.
        from operators.runtimes.pods.runtime import PodRuntime  # noqa: PLC0415

        return PodRuntime(settings, task)
    raise BadInput(
        "no such runtime",
        where="AIRWORTHY_RUNTIME",
        value=settings.runtime,
        remedy="Steps run as processes of the machine (local) or as pods (kubernetes)",
    )
