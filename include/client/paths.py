"""Paths below the control plane's address, and the questions that are asked there."""

from __future__ import annotations

from urllib.parse import quote

from include.client.transport import Call


def path_of(*segments: str) -> str:
    """Return the path below the base address; run ids carry colons and plus signs."""
    return "/".join(("api/v1", *(quote(segment, safe="") for segment in segments)))


def get(*segments: str, **params: str) -> Call:
    """Return the question of a path; parameters without a value are left out."""
    return Call("GET", path_of(*segments), params={k: v for k, v in params.items() if v})
