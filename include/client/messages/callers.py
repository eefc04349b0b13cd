"""Who is calling, and the tokens of workloads."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from include.client.messages.base import Message, RunRef


class TokenRequest(Message):
    """What a task claims to be; the workload secret travels in a header."""

    run: RunRef


class Token(Message):
    """A ten-minute bearer token and how far the claim behind it was checked."""

    token: str
    expires_at: datetime
    authn: Literal["claimed", "corroborated", "proven"]


class Caller(Message):
    """Who the control plane thinks is calling."""

    kind: Literal["person", "workload", "service"]
    id: str
    roles: tuple[str, ...]
    authn: str
