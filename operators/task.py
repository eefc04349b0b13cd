"""The bases of our operators: errors leave a line that later tasks can read."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING

from airflow.sdk import BaseBranchOperator, BaseOperator

from include.errors import AirworthyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow.sdk import Context

FAILURE = "failure"


@contextmanager
def failure_left(context: Context) -> Iterator[None]:
    """Leave an error of our tree as XCom ``failure`` for ``settle``, and let it through."""
    try:
        yield
    except AirworthyError as error:
        context["ti"].xcom_push(key=FAILURE, value=str(error))
        raise


class AirworthyOperator(BaseOperator):
    """Runs ``act``; see ``failure_left`` for its errors."""

    ui_color = "#eef3fa"

    def execute(self, context: Context) -> str | None:
        """Do the work of the task."""
        with failure_left(context):
            return self.act(context)

    @abstractmethod
    def act(self, context: Context) -> str | None:
        """Act once, idempotently; return a string for XCom, or None."""


class AirworthyBranch(BaseBranchOperator):
    """Follows the task that ``choose_branch`` returns; see ``failure_left`` for its errors."""

    ui_color = "#fdf3d8"

    def execute(self, context: Context) -> str:
        """Choose, and skip what was not chosen."""
        with failure_left(context):
            followed: str = super().execute(context)
            return followed

    @abstractmethod
    def choose_branch(self, context: Context) -> str:
        """Return the task to follow."""
