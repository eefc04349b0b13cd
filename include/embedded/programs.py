"""Which programs make up the suite, in the order in which they start."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.embedded import environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.embedded.home import Home


@dataclass(frozen=True)
class Program:
    """One supervised process.

    Attributes:
        name: What logs, ``status`` and the service marker call it.
        command: The command, without shell.
        environment: All environment variables it sees.
        priority: Low starts first and stops last.
        patience: Seconds it may take to end by itself before it is killed with all its children.
        parent_first: Whether only the parent is asked to end, because it ends its own children.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    priority: int
    patience: int = 4
    parent_first: bool = False


def programs(home: Home) -> tuple[Program, ...]:
    """Return the programs of the suite, first to start first."""
    python = str(home.orchestrator)
    airflow = (python, "-m", "airflow")
    base, told = environment.shared(home), environment.airflow(home)
    owner = environment.control_plane(home)
    machine = environment.machine_account(home)
    return tuple(
        Program(
            name,
            command,
            {**variables, "AIRWORTHY_SERVICE": name},
            priority=10 * (position + 1),
            # It lets requests in flight finish, then ends its model servers one after another.
            patience=15 if name == "serving" else 4,
            # Its runner, told at the same time, leaves the parent waiting for an answer.
            parent_first=name == "triggerer",
        )
        for position, (name, command, variables) in enumerate((
            ("api-server", (*airflow, "api-server"), {**told, **owner, **machine}),
            (
                "serving",
                (str(home.orchestrator.with_name("airworthy")), "serving"),
                {**base, **environment.serving(home)},
            ),
            ("relay", (python, "-m", "plugins.airworthy.relay"), {**base, **owner, **machine}),
            ("dag-processor", (*airflow, "dag-processor"), told),
            ("triggerer", (*airflow, "triggerer", "--skip-serve-logs"), told),
            ("scheduler", (*airflow, "scheduler", "--skip-serve-logs"), _scheduler(told)),
        ))
    )


def _scheduler(told: Mapping[str, str]) -> dict[str, str]:
    # Tasks are forked from the scheduler: what it imported at its start, no task imports again.
    return {**told, "AIRWORTHY_PRELOAD": "1", "AIRFLOW__CORE__LAZY_LOAD_PLUGINS": "False"}
