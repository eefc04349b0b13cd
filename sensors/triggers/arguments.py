"""What every trigger is told: JSON primitives, in a frozen dataclass of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

from include.client.messages.base import RunRef


@dataclass(frozen=True)
class Arguments:
    """Values that Airflow stores; also those of the event that ends a wait."""

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON primitives."""
        return asdict(self)

    @classmethod
    def from_json(cls, arguments: dict[str, Any]) -> Self:
        """Return the values that ``to_json`` wrote."""
        return cls(**arguments)


@dataclass(frozen=True, kw_only=True)
class TryArguments(Arguments):
    """The try that waits; the control plane is asked as this one.

    Attributes:
        dag_id: Its DAG.
        run_id: Its run.
        task_id: Its task.
        try_number: The try, from 1.
        map_index: Index of a mapped task; -1 for none.
    """

    dag_id: str
    run_id: str
    task_id: str
    try_number: int
    map_index: int

    @property
    def run(self) -> RunRef:
        """The try that waits."""
        return RunRef(
            dag_id=self.dag_id,
            run_id=self.run_id,
            task_id=self.task_id,
            try_number=self.try_number,
            map_index=self.map_index,
        )
