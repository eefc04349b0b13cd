"""Airflow's API as the relay needs it: log in, find an asset, post an event for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from include.errors import BadInput, InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Mapping

Body = TypeVar("Body", bound=BaseModel)
TIMEOUT = httpx.Timeout(10.0, connect=3.0)


@dataclass(frozen=True)
class Account:
    """The machine account; its password is read at each log-in, so that a new one is seen.

    Attributes:
        user: Name of the account.
        password: The password itself, or empty.
        password_file: Where it stands otherwise: alone, or in a JSON object of names.
    """

    user: str
    password: str = field(default="", repr=False)
    password_file: Path | None = None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Return the account that ``AIRWORTHY_AIRFLOW_*`` names.

        Raises:
            BadInput: No account is named.
        """
        named = environ.get("AIRWORTHY_AIRFLOW_PASSWORD_FILE", "")
        account = cls(
            environ.get("AIRWORTHY_AIRFLOW_USER", ""),
            environ.get("AIRWORTHY_AIRFLOW_PASSWORD", ""),
            Path(named) if named else None,
        )
        if not account.user or not (account.password or account.password_file):
            raise BadInput(
                "no machine account for Airflow",
                where="AIRWORTHY_AIRFLOW_USER",
                remedy="Set it, and AIRWORTHY_AIRFLOW_PASSWORD or ..._PASSWORD_FILE",
            )
        return account

    def secret(self) -> str:
        """Return the password.

        Raises:
            BadInput: The file is not readable, or does not know the account.
        """
        if self.password or self.password_file is None:
            return self.password
        try:
            text = self.password_file.read_text(encoding="utf-8").strip()
            return str(json.loads(text)[self.user]) if text.startswith("{") else text
        except (OSError, ValueError, KeyError) as cause:
            raise BadInput(
                f"no password for {self.user}",
                where=str(self.password_file),
                remedy="Write the password into it, or a JSON object of names",
            ) from cause


class _Consumer(BaseModel):
    dag_id: str


class _Asset(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: int
    name: str
    uri: str
    scheduled_dags: tuple[_Consumer, ...]


class _Assets(BaseModel):
    assets: tuple[_Asset, ...]


class _Dag(BaseModel):
    is_paused: bool


class _LoggedIn(BaseModel):
    access_token: str


class AirflowUnavailable(InfrastructureError):
    """Airflow's API cannot be reached, failed, or refused the machine account."""


class NobodyListens(InfrastructureError):
    """No DAG would start: it is not parsed yet, or paused, and Airflow drops what it misses."""


class AirflowApi:
    """A client that logs in when it must and again when its token is refused.

    It does not retry: what fails stays in the outbox and is due again later.

    Args:
        base_url: Address of Airflow's API server.
        account: The machine account.
        transport: Replaces the network in tests.
    """

    def __init__(
        self, base_url: str, account: Account, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._account = account
        self._token = ""
        self._client = httpx.Client(base_url=base_url, timeout=TIMEOUT, transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def asset_id(self, name: str, uri: str) -> int:
        """Return the number that Airflow gave to an asset whose event would start a DAG.

        Raises:
            NobodyListens: No DAG waits for an asset of that name and URI, or all are paused.
            AirflowUnavailable: Airflow did not answer as it should.
        """
        asset = self._asset(name, uri)
        if asset is None:
            raise NobodyListens(
                "Airflow knows no such asset yet",
                value=name,
                remedy="It appears when the release DAG is parsed",
            )
        if all(self._is_paused(consumer.dag_id) for consumer in asset.scheduled_dags):
            raise NobodyListens(
                "no unpaused DAG waits for the asset",
                value=name,
                remedy="Unpause the release DAG; until then the event waits here",
            )
        return asset.id

    def _asset(self, name: str, uri: str) -> _Asset | None:
        # The pattern is a substring match in which `_` stands for any character. An asset becomes
        # "active" up to a minute after its DAG was parsed; its events count before that.
        wanted = {"name_pattern": name, "only_active": "false", "limit": "100"}
        response = self._ask("GET", "/api/v2/assets", params=wanted)
        found = _read(response, _Assets).assets
        return next((asset for asset in found if (asset.name, asset.uri) == (name, uri)), None)

    def _is_paused(self, dag_id: str) -> bool:
        response = self._ask("GET", f"/api/v2/dags/{quote(dag_id, safe='')}")
        return _read(response, _Dag).is_paused

    def emit(self, asset_id: int, extra: Mapping[str, JsonValue]) -> None:
        """Post an event for an asset, without partition key.

        Raises:
            AirflowUnavailable: Airflow did not accept it; it may still have happened.
        """
        self._ask("POST", "/api/v2/assets/events", body={"asset_id": asset_id, "extra": {**extra}})

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, JsonValue] | None = None,
    ) -> httpx.Response:
        request = self._client.build_request(method, path, params=params, json=body)
        response = self._authorized(request)
        if response.status_code == 401:
            self._token = ""
            response = self._authorized(request)
        if not response.is_success:
            raise _unavailable(response)
        return response

    def _authorized(self, request: httpx.Request) -> httpx.Response:
        self._token = self._token or self._log_in()
        request.headers["Authorization"] = f"Bearer {self._token}"
        return self._send(request)

    def _log_in(self) -> str:
        claim = {"username": self._account.user, "password": self._account.secret()}
        response = self._send(self._client.build_request("POST", "/auth/token", json=claim))
        if not response.is_success:
            raise _unavailable(response)
        return _read(response, _LoggedIn).access_token

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._client.send(request)
        except httpx.TransportError as lost:
            raise AirflowUnavailable(
                f"no answer: {str(lost) or type(lost).__name__}",
                where=f"{request.method} {request.url}",
                remedy="Is the API server running? This is tried again",
            ) from lost


def _read(response: httpx.Response, kind: type[Body]) -> Body:
    try:
        return kind.model_validate_json(response.content)
    except ValidationError as broken:
        raise _unavailable(response) from broken


def _unavailable(response: httpx.Response) -> AirflowUnavailable:
    return AirflowUnavailable(
        f"Airflow answered with {response.status_code}",
        where=f"{response.request.method} {response.request.url}",
        value=response.text[:200],
        remedy="See the API server's log; this is tried again",
    )
