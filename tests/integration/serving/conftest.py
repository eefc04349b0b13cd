from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.serving_daemon import Daemon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon that has not been started."""
    daemon = Daemon(tmp_path)
    yield daemon
    daemon.close()


@pytest.fixture
def daemon(idle: Daemon) -> Daemon:
    """A daemon that answers."""
    return idle.start()
