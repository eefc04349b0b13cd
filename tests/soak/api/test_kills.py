"""kill -9 of the control plane among writes, again and again, on either database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.support.registrations import check_nothing_is_lost, kill_while_writing
from tests.support.standalone_api import Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.timeout(900)
def test_acknowledged_writes_outlast_every_kill(
    tmp_path: Path, database_url: str, rounds: Callable[..., int], record: Callable[..., None]
) -> None:
    server, acknowledged, began = Server(tmp_path, database_url), {}, time.monotonic()
    kills = rounds(full=20, slice=2)
    try:
        server.start()
        for kill in range(kills):
            kill_while_writing(server, str(kill), acknowledged)
        stored = check_nothing_is_lost(server, acknowledged)
    finally:
        server.kill()
    kind = database_url.partition(":")[0].partition("+")[0]
    counts = {"kills": kills, "acknowledged": len(acknowledged), "stored": stored}
    figures = {"acknowledged and lost": 0, "seconds": time.monotonic() - began}
    record(f"control-plane-kills-{kind}", counts=counts, figures=figures)
