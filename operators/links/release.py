"""Links from a task to the version or the rollout that it worked on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from airflow.sdk import BaseOperatorLink

from include import settings

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class _PageLink(BaseOperatorLink):
    """A link to the page that the task has set as its ``page`` while it ran.

    Airflow asks once, in the task's process when the task has ended, and keeps the answer.
    """

    name = "Airworthy"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002
        """Return the address of the page; empty where the task got to none."""
        return str(getattr(operator, "page", "") or "")


class VersionLink(_PageLink):
    """To the registered version."""

    name = "Model version"


class RolloutLink(_PageLink):
    """To the rollout."""

    name = "Rollout"


def version_page(model: str, version: str) -> str:
    """Return the address of a version's page."""
    return _page(f"models/{quote(model)}/{quote(version)}")


def rollout_page(rollout: str) -> str:
    """Return the address of a rollout's page."""
    return _page(f"rollouts/{quote(rollout)}")


def _page(path: str) -> str:
    return f"{settings.read().airflow_url}/plugin/airworthy#/{path}"
