"""Asks a Prometheus over HTTP; what it answers is checked before anybody reads it."""

from __future__ import annotations

import asyncio
import math
import ssl
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import httpx
from pydantic import ValidationError

from include.errors import BadInput
from include.serving.prometheus.answers import Matrix, Metadata, Scalar
from include.serving.prometheus.conditions import Condition, unmeasured

if TYPE_CHECKING:
    from include.errors import MetricsUnavailable
    from include.serving.prometheus.answers import Described
    from include.serving.prometheus.configuration import PrometheusConfiguration
    from include.serving.prometheus.selectors import Selector
    from include.serving.prometheus.series import Series

_Kind = TypeVar("_Kind", Scalar, Matrix, Metadata)
_LARGEST = 64 << 20
_REFUSALS = {400, 401, 403, 404, 405, 422}


class PrometheusClient:
    """The few questions that evidence needs, on one connection; for one look, in one task.

    Args:
        options: Address, token and patience; nothing is read from the environment.
    """

    def __init__(self, options: PrometheusConfiguration) -> None:
        self._options = options
        self.url = options.url.rstrip("/")
        self._http: httpx.AsyncClient | None = None

    async def __aenter__(self) -> PrometheusClient:
        """Open a connection; a kept one would belong to the event loop that first used it."""
        token = self._options.token.get_secret_value()
        self._http = httpx.AsyncClient(
            headers={"authorization": f"Bearer {token}"} if token else {},
            timeout=self._options.timeout_seconds,
            trust_env=False,
            verify=_certificates(self._options.ca_file),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        if self._http is not None:
            await self._http.aclose()

    async def now(self) -> float:
        """Return what time it is there, in seconds since 1970.

        Raises:
            MetricsUnavailable: it did not answer, or refuses to.
        """
        return self._read(Scalar, await self._get("/api/v1/query", query="time()")).value()

    async def samples(self, selector: Selector, seconds: float, at: float) -> tuple[Series, ...]:
        """Return the samples as they were scraped in the seconds up to a time.

        Raises:
            MetricsUnavailable: it did not answer, refuses to, or knows only a part.
        """
        query = f"{selector}[{max(1, math.ceil(seconds))}s]"
        answer = await self._get("/api/v1/query", query=query, time=f"{at:.3f}")
        return self._read(Matrix, answer).value()

    async def described(self, metric: str) -> tuple[Described, ...]:
        """Return what the scraped servers say of a metric: its type, its unit.

        Raises:
            MetricsUnavailable: it did not answer, or refuses to.
        """
        answer = await self._get("/api/v1/metadata", metric=metric)
        return self._read(Metadata, answer).value(metric)

    async def _get(self, path: str, **parameters: str) -> httpx.Response:
        if self._http is None:
            raise RuntimeError("the client is opened with `async with`")
        try:
            # httpx counts each wait alone: a server that drips would never be given up.
            async with asyncio.timeout(2 * self._options.timeout_seconds):
                return await self._http.get(self.url + path, params=parameters)
        except (httpx.HTTPError, TimeoutError) as lost:
            raise unmeasured(
                Condition.DOWN,
                f"Prometheus does not answer: {str(lost) or type(lost).__name__}",
                where=self.url,
                remedy="Nothing is judged meanwhile; bring it back",
            ) from lost

    def _read(self, kind: type[_Kind], response: httpx.Response) -> _Kind:
        if not response.is_success:
            raise self._refusal(response)
        if len(response.content) > _LARGEST:
            raise self._strange("the answer is too large", len(response.content))
        try:
            answer = kind.model_validate_json(response.content)
        except ValidationError as broken:
            raise self._strange("this is not Prometheus's API", response.text[:80]) from broken
        if answer.warnings:
            raise unmeasured(
                Condition.PARTIAL, "a part is missing", where=self.url, value=answer.warnings[0]
            )
        return answer

    def _refusal(self, response: httpx.Response) -> MetricsUnavailable:
        code = response.status_code
        condition = Condition.REFUSED if code in _REFUSALS else Condition.DOWN
        remedy = "Check token and rights" if code in {401, 403} else "Check address and selectors"
        return unmeasured(
            condition, f"status {code}", where=self.url, value=response.text[:200], remedy=remedy
        )

    def _strange(self, what: str, value: object) -> MetricsUnavailable:
        return unmeasured(
            Condition.DOWN, what, where=self.url, value=value, remedy="Check the address"
        )


@lru_cache(maxsize=8)
def _certificates(ca_file: str) -> ssl.SSLContext:
    # httpx would load them for each look anew: 19 ms of an event loop's time.
    context = ssl.create_default_context()
    try:
        if ca_file:
            context.load_verify_locations(ca_file)
    except OSError as error:
        remedy = "Name a PEM file that this process can read"
        where = "evidence.ca_file"
        raise BadInput(str(error), where=where, value=ca_file, remedy=remedy) from error
    return context
