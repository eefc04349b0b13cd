"""How many threads a fit may use: one, because candidates run side by side instead.

Small problems are slower on several threads that wait for each other: the logistic regression of
the tests took six times as long on two busy cores. One thread also adds up in one order.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from threadpoolctl import (  # type: ignore[import-not-found]  # it is in the steps' environment only
    threadpool_limits,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread inside the block."""
    with threadpool_limits(limits=1):
        yield
