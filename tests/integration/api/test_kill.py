"""What was acknowledged is there after a kill -9, each with its event; nothing is there in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.registrations import check_nothing_is_lost, kill_while_writing

if TYPE_CHECKING:
    from tests.support.standalone_api import Server

KILLS = 3


def test_nothing_acknowledged_is_lost(server: Server) -> None:
    acknowledged: dict[str, str] = {}
    for kill in range(KILLS):
        kill_while_writing(server, str(kill), acknowledged)
    check_nothing_is_lost(server, acknowledged)
