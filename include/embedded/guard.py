"""One at a time: a lock that the kernel releases when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from include.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def alone(path: Path, activity: str) -> Iterator[None]:
    """Hold the lock at ``path`` for the block.

    Raises:
        Conflict: Somebody holds it; the message says what and which process.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Conflict(
                f"{file.read().strip() or 'another call'} is at work in {path.parent}",
                remedy="Wait until it ends, or give this one its own AIRWORTHY_HOME",
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"{activity} (pid {os.getpid()})")
        file.flush()
        yield
