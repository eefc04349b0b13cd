"""The runtime that this installation is set to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from include.errors import BadInput
from operators.runtimes.local import LocalRuntime

if TYPE_CHECKING:
    from include.settings import Settings
    from operators.runtimes.protocol import StepRuntime


def runtime(settings: Settings) -> StepRuntime:
    """Return the runtime named by ``AIRWORTHY_RUNTIME``.

    Raises:
        BadInput: there is no such runtime.
    """
    if settings.runtime == "local":
        return LocalRuntime(settings.steps_python, os.environ)
    raise BadInput(
        "no such runtime",
        where="AIRWORTHY_RUNTIME",
        value=settings.runtime,
        remedy="This installation can run steps as processes of the machine: local",
    )
