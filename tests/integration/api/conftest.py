"""The control plane as a process of its own, running."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.standalone_api import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    found = Server(tmp_path, database_url)
    try:
        found.start()
        yield found
    finally:
        found.kill()
