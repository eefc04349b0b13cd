"""What every message is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """Base of every message: frozen, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RunRef(Message):
    """A try of a task of an Airflow run."""

    dag_id: str
    run_id: str
    task_id: str = ""
    try_number: int = 1
    map_index: int = -1


class Problem(BaseModel):
    """RFC 9457 problem details, with the remedy of our error tree."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
    remedy: str = ""
