from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.serving_daemon import Daemon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A serving daemon that answers, over fake model servers."""
    daemon = Daemon(tmp_path / "daemon")
    yield daemon.start()
    daemon.close()
