"""The serving driver of the embedded suite: a client of the serving daemon's admin API."""

from __future__ import annotations

import ssl
import time
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from include.client.messages.base import Problem
from include.errors import (
    AirworthyError,
    BadInput,
    Conflict,
    FencedOut,
    Forbidden,
    ServingUnavailable,
)
from include.serving.documents import (
    EndpointDocument,
    EndpointNames,
    EvidenceDocument,
    ObservationDocument,
)
from include.serving.endpoint import SmokeAnswer
from include.serving.faults import kind_of

if TYPE_CHECKING:
    from include.evidence.tally import Evidence
    from include.serving.endpoint import Endpoint, Observation, ServingDriver

_TIMEOUT = httpx.Timeout(15.0, connect=3.0)
_BY_STATUS: dict[int, type[AirworthyError]] = {
    400: BadInput,
    401: Forbidden,
    404: BadInput,
    409: Conflict,
    413: BadInput,
}
_Document = TypeVar("_Document", bound=BaseModel)


class LocalDriver:
    """Brings endpoints to their wanted state by the serving daemon of this machine.

    Args:
        base_url: Address of the admin API.
        token: Its token; nothing is read from the environment.
    """

    def __init__(self, base_url: str, token: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}", "accept": "application/json"}

    def preflight(self, endpoint: Endpoint) -> None:
        """Refuse what can never be there, before anything is changed for it.

        Raises:
            BadInput: the daemon would refuse the state as such.
        """
        _document(endpoint)

    def apply(self, endpoint: Endpoint) -> Observation:
        """Want this state from now on; returns at once.

        Raises:
            FencedOut: a newer token has been seen for this endpoint.
            Conflict: the revision is older, or taken by another content.
            BadInput: the daemon refuses the state as such.
            ServingUnavailable: the daemon did not answer.
        """
        document = _document(endpoint)
        response = self._send("PUT", _path(endpoint.name), document.model_dump_json())
        return _read(response, ObservationDocument).value()

    def observe(self, name: str) -> Observation:
        """Return what is there now.

        Raises:
            BadInput: no such endpoint.
            ServingUnavailable: the daemon did not answer.
        """
        return _read(self._send("GET", _path(name)), ObservationDocument).value()

    async def observe_async(self, name: str) -> Observation:
        """Return what is there now, without blocking the event loop. Raises as `observe`."""
        return _read(await self._get(_path(name)), ObservationDocument).value()

    async def evidence(self, name: str, revision: int) -> Evidence:
        """Return what was counted under a revision; zero counts where nothing was yet.

        Raises:
            BadInput: no such endpoint.
            ServingUnavailable: the daemon did not answer.
        """
        response = await self._get(f"{_path(name)}/evidence/{revision}")
        return _read(response, EvidenceDocument).value()

    def endpoints(self) -> tuple[str, ...]:
        """Return the names of all endpoints.

        Raises:
            ServingUnavailable: the daemon did not answer.
        """
        return _read(self._send("GET", "/endpoints"), EndpointNames).endpoints

    def smoke(self, name: str, variant: str, request_json: str) -> SmokeAnswer:
        """Ask one variant, whatever its weight. An answer that is no success is an answer too.

        Raises:
            BadInput: no such endpoint or variant.
            ServingUnavailable: the daemon did not answer, or nobody answers for the variant.
        """
        path = f"{_path(name)}/variants/{quote(variant, safe='')}/infer"
        started = time.perf_counter()
        response = self._send("POST", path, request_json)
        latency = (time.perf_counter() - started) * 1000
        if "problem+json" in response.headers.get("content-type", ""):
            raise _error(response)
        return SmokeAnswer(response.status_code, latency, response.text)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(**self._options)

    @property
    def _options(self) -> _Options:
        # A proxy of the environment is none of a daemon's business that is on this machine.
        return {
            "base_url": self._base_url,
            "headers": self._headers,
            "timeout": _TIMEOUT,
            "trust_env": False,
            "verify": self._certificates,
        }

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        # httpx would load them for each client anew: 19 ms of an event loop's time.
        return ssl.create_default_context()

    def _send(self, method: str, path: str, body: str = "") -> httpx.Response:
        headers = {"content-type": "application/json"} if body else {}
        try:
            return self._client.request(method, path, content=body or None, headers=headers)
        except httpx.HTTPError as lost:
            raise self._unavailable(lost) from lost

    async def _get(self, path: str) -> httpx.Response:
        # A client of its own each time: a kept one belongs to the event loop that first used it.
        try:
            async with httpx.AsyncClient(**self._options) as client:
                return await client.get(path)
        except httpx.HTTPError as lost:
            raise self._unavailable(lost) from lost

    def _unavailable(self, lost: httpx.HTTPError) -> ServingUnavailable:
        return ServingUnavailable(
            f"the serving daemon does not answer: {str(lost) or type(lost).__name__}",
            where=self._base_url,
            remedy="Is it running? `airworthy status` tells",
        )


def _document(endpoint: Endpoint) -> EndpointDocument:
    try:
        return EndpointDocument.of(endpoint)
    except ValidationError as wrong:
        told = "; ".join(error["msg"] for error in wrong.errors())
        raise BadInput(told, where=f"endpoint {endpoint.name}") from wrong


def _path(name: str) -> str:
    return f"/endpoints/{quote(name, safe='')}"


def _read(response: httpx.Response, kind: type[_Document]) -> _Document:
    if not response.is_success:
        raise _error(response)
    try:
        return kind.model_validate_json(response.content)
    except ValidationError as broken:
        raise ServingUnavailable(
            "the answer is not the serving daemon's",
            where=str(response.request.url),
            value=response.text[:80],
            remedy="Check the address",
        ) from broken


def _error(response: httpx.Response) -> AirworthyError:
    where = f"{response.request.method} {response.request.url}"
    kind = _BY_STATUS.get(response.status_code, ServingUnavailable)
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        return kind(f"status {response.status_code} without problem details", where=where)
    if problem.type == kind_of(FencedOut):
        kind = FencedOut
    return kind(problem.detail or problem.title, where=where, remedy=problem.remedy)


if TYPE_CHECKING:
    from typing import TypedDict

    class _Options(TypedDict):
        base_url: str
        headers: dict[str, str]
        timeout: httpx.Timeout
        trust_env: bool
        verify: ssl.SSLContext

    _proof: ServingDriver = LocalDriver("", "")
