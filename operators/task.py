"""The base of our operators: errors leave a line that later tasks can read."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator

from include.errors import AirworthyError

if TYPE_CHECKING:
    from airflow.sdk import Context

FAILURE = "failure"


class AirworthyOperator(BaseOperator):
    """Runs ``act``; an error of our tree is also left as XCom ``failure`` for ``settle``."""

    ui_color = "#eef3fa"

    def execute(self, context: Context) -> str | None:
        """Do the work of the task."""
        try:
            return self.act(context)
        except AirworthyError as error:
            context["ti"].xcom_push(key=FAILURE, value=str(error))
            raise

    @abstractmethod
    def act(self, context: Context) -> str | None:
        """Act once, idempotently; return a string for XCom, or None."""
