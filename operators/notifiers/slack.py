"""The notifier of every task: a final failure is recorded, told to Slack, and never lost silently.

``BaseNotifier.__call__`` re-raises into a caller that only logs, so a lost alert would leave no
trace: what became of each alert is written to the control plane instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier

from include.alerts import stories
from include.errors import RunEnded
from operators.notifiers.delivery import deliver, deliver_async
from operators.run import run_link, run_ref

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.client.messages.alerts import RaiseAlert


class AirworthyNotifier(BaseNotifier):
    """Tells the team of a model that a task failed for good.

    Args:
        model: Model the task works for.
        channel: Slack channel of its team.
    """

    def __init__(self, *, model: str, channel: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model = model
        self.channel = channel

    def notify(self, context: Context) -> None:
        """Record and send; never raises."""
        alert = self._alert(context)
        if alert is not None:
            deliver(alert, self.channel)

    async def async_notify(self, context: Context) -> None:
        """Record and send from the triggerer; never raises."""
        alert = self._alert(context)
        if alert is not None:
            await deliver_async(alert, self.channel)

    def _alert(self, context: Context) -> RaiseAlert | None:
        error = context.get("exception")
        if isinstance(error, RunEnded):
            return None  # whoever found out has told it already
        run = run_ref(context)
        story = stories.broken(self.model, run.task_id, str(error or "no error was handed over"))
        return stories.addressed(story, self.model, run, run_link(run))
