"""Reads a server's own ``/metrics`` over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from include.serving.prometheus import exposition
from include.serving.prometheus.conditions import Condition, unmeasured

if TYPE_CHECKING:
    from include.serving.prometheus.configuration import PodsConfiguration
    from include.serving.prometheus.series import Scraped
    from include.serving.prometheus.templates import Templates

_LARGEST = 8 << 20


def opened(options: PodsConfiguration) -> httpx.AsyncClient:
    """Return a client for one look; a kept one would belong to the loop that first used it."""
    # A pod is asked by its address, which no certificate names.
    return httpx.AsyncClient(
        timeout=options.timeout_seconds,
        trust_env=False,
        verify=False,  # noqa: S501
    )


async def read_server(
    client: httpx.AsyncClient,
    options: PodsConfiguration,
    address: str,
    templates: Templates,
    at: float,
) -> Scraped:
    """Return what a server says of a variant, as of a time.

    Raises:
        MetricsUnavailable: it does not answer, or with something else.
    """
    url = address.rstrip("/") + options.path
    try:
        async with asyncio.timeout(2 * options.timeout_seconds):
            response = await client.get(url)
        response.raise_for_status()
    except (httpx.HTTPError, TimeoutError) as lost:
        raise unmeasured(
            Condition.DOWN,
            f"the server does not answer: {str(lost) or type(lost).__name__}",
            where=url,
            remedy="Is the pod up, and may this process reach it (network policy)?",
        ) from lost
    if len(response.content) > _LARGEST:
        raise unmeasured(Condition.MALFORMED, "the answer is too large", where=url)
    return exposition.read(response.text, templates, at, url)
