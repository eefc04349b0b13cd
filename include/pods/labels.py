"""What tells the pod of a step from every other. Names are random; these are its identity."""

from __future__ import annotations

import re
from dataclasses import dataclass

from include import digest

PREFIX = "airworthy.dev"
STEP_PODS = {"app.kubernetes.io/name": "airworthy", "app.kubernetes.io/component": "step"}
KEY = f"{PREFIX}/key"
_LONGEST = 63
_HASH = 8
_DIGEST = 32
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class PodIdentity:
    """Whose pod it is.

    Attributes:
        model: Model that the step is about.
        step: The step.
        key: Key of the step's call.
        spec_digest: Digest of the spec.
        dag_id: DAG of the task.
        run_id: Run of the task.
        task_id: The task.
        map_index: Index of a mapped task; -1 for none.
        try_number: The try that made the pod, from 1.
    """

    model: str
    step: str
    key: str
    spec_digest: str
    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int

    @property
    def name(self) -> str:
        """Name that people see; a random suffix follows it."""
        mapped = f"-{self.map_index}" if self.map_index >= 0 else ""
        plain = re.sub(r"[^a-z0-9-]+", "-", f"{self.model}-{self.task_id}{mapped}".lower())
        return plain[:50].strip("-")

    @property
    def same_work(self) -> dict[str, str]:
        """Labels of every pod that does this work for this task, whichever try made it."""
        return {**STEP_PODS, KEY: self.key[:_DIGEST], f"{PREFIX}/model": value(self.model)}

    @property
    def labels(self) -> dict[str, str]:
        """All labels."""
        own = {
            "step": self.step,
            "spec": self.spec_digest[:_DIGEST],
            "dag": self.dag_id,
            "run": self.run_id,
            "task": self.task_id,
            "map-index": str(self.map_index) if self.map_index >= 0 else "none",
            "try": str(self.try_number),
        }
        return {**self.same_work, **{f"{PREFIX}/{k}": value(v) for k, v in own.items()}}

    @property
    def annotations(self) -> dict[str, str]:
        """What does not fit into a label."""
        return {f"{PREFIX}/run-id": self.run_id, f"{PREFIX}/key-digest": self.key}


def value(text: str) -> str:
    """Return a text as the value of a label; one that had to be changed ends in its own digest."""
    safe = _UNSAFE.sub("-", text)[:_LONGEST].strip("-_.")
    if safe == text:
        return safe
    kept = safe[: _LONGEST - _HASH - 1].strip("-_.")
    return f"{kept}-{digest.of_bytes(text.encode())[:_HASH]}".lstrip("-")


def selector(labels: dict[str, str]) -> str:
    """Return labels as the selector of a list call."""
    return ",".join(f"{name}={text}" for name, text in sorted(labels.items()))
