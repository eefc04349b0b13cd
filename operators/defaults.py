"""What all our DAGs have in common: retries by cause, owner, tags, page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from include.errors import (
    BadInput,
    Conflict,
    Forbidden,
    InfrastructureError,
    Rejected,
)
from include.spec.model import Alerts
from operators.notifiers.slack import AirworthyNotifier

if TYPE_CHECKING:
    from include.spec.model import Spec

TRAINING_POOL = "airworthy_training"
RELEASE_POOL = "airworthy_release"


@dataclass(frozen=True)
class Told:
    """Who owns a DAG's tasks, and who is told when one fails for good."""

    team: str
    model: str
    channel: str


SUITE = Told("airworthy", "all models", Alerts().slack_channel)
SHORT = timedelta(minutes=5)
LONG = timedelta(minutes=30)
TRAINING_LIMIT = timedelta(hours=12)
# The control plane allows deadlines of 90 days, and one extension by as much.
ANSWER_LIMIT = timedelta(days=181)
RETRY_BY_CAUSE = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception=InfrastructureError, action=RetryAction.RETRY, reason="outside failed"),
        RetryRule(
            exception=[BadInput, Rejected, Conflict, Forbidden],
            action=RetryAction.FAIL,
            reason="trying again cannot help",
        ),
    ]
)


def task_defaults(spec: Spec, pool: str) -> dict[str, Any]:
    """Return the ``default_args`` of a DAG of this model."""
    return defaults(Told(spec.owner.team, spec.model, spec.alerts.slack_channel), pool)


def defaults(told: Told, pool: str) -> dict[str, Any]:
    """Return the ``default_args`` of a DAG."""
    return {
        "owner": told.team,
        "pool": pool,
        "retries": 3,
        "retry_delay": timedelta(seconds=5),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=5),
        "retry_policy": RETRY_BY_CAUSE,
        "execution_timeout": SHORT,
        "on_failure_callback": AirworthyNotifier(model=told.model, channel=told.channel),
    }


def train_limit(spec: Spec) -> timedelta:
    """Return the longest training run: the work, and people's time to answer, extended once."""
    return TRAINING_LIMIT + timedelta(hours=2 * spec.override.deadline_hours + 1)


def tags(spec: Spec, stage: str) -> list[str]:
    """Return the tags of a DAG: ours, the life stage, the task, and the spec's own."""
    return ["airworthy", stage, spec.task.value, f"materiality:{spec.materiality}", *spec.tags]
