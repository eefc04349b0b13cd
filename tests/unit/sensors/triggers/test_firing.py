from __future__ import annotations

import asyncio
import time

from operators.firing import LOOKS, Firing


def test_an_event_is_held_back_for_some_looks() -> None:
    firing, began = Firing(0.05), time.monotonic()
    asyncio.run(firing.hold())
    assert time.monotonic() - began >= LOOKS * 0.05 - 0.01


def test_what_took_long_enough_is_told_at_once() -> None:
    began = time.monotonic()
    asyncio.run(Firing(1.0, began - LOOKS).hold())
    assert time.monotonic() - began < 1.0
