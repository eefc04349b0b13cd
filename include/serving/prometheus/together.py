"""Questions that are asked at the same time, and end together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable

Answer = TypeVar("Answer")


async def together(questions: Iterable[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """Return the answers in the order of the questions.

    Where one fails, the others are ended first, and then its error is raised as it is: with
    ``asyncio.gather`` they would go on asking, of a client that is closed meanwhile.
    """
    failure: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(one) for one in questions]
    except BaseExceptionGroup as failed:
        failure = failed.exceptions[0]
    if failure is not None:
        raise failure
    return [one.result() for one in asked]
