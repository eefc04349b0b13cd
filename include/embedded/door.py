"""Airflow's public REST API, as the people of an installation use it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import httpx

from include.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

JsonObject = dict[str, object]


class AirflowDoor:
    """One person's way into Airflow: logs in on the first call and again when the token lapsed."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url, self._user, self._password = url, user, password
        self._token = ""
        self._client = httpx.Client(base_url=url, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def token(self) -> str:
        """Return the bearer token of this person, logging in when there is none.

        Raises:
            InfrastructureError: Airflow does not answer, or refuses the log-in.
        """
        if not self._token:
            body = {"username": self._user, "password": self._password}
            self._token = str(self._send("POST", "/auth/token", body)["access_token"])
        return self._token

    def get(self, path: str, **query: str | int) -> JsonObject:
        """Return the JSON of a GET; ``path`` is below ``/api/v2``."""
        return self.call("GET", path, query=query)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, str | int] | None = None,
    ) -> JsonObject:
        """Call a path below ``/api/v2`` as this person.

        Raises:
            InfrastructureError: No answer, or one that is no success.
        """
        headers = {"Authorization": f"Bearer {self.token()}"}
        return self._send(method, f"/api/v2{path}", body, query, headers)

    def _send(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> JsonObject:
        try:
            answer = self._client.request(method, path, json=body, params=query, headers=headers)
            answer.raise_for_status()
            return cast("JsonObject", answer.json()) if answer.content else {}
        except (httpx.HTTPError, ValueError) as cause:
            detail = getattr(getattr(cause, "response", None), "text", "")[:300]
            raise InfrastructureError(
                f"{method} {path} as {self._user} failed: {type(cause).__name__} {detail}".strip(),
                where=self._url,
                remedy="Is the suite up? `make up`",
            ) from cause

    def heartbeat_missing(self, part: str, since: datetime) -> str:
        """Return why a component does not count as alive, or an empty string when it does.

        Args:
            part: ``scheduler``, ``dag_processor`` or ``triggerer``.
            since: A heartbeat before this instant does not count.
        """
        try:
            known = cast("JsonObject", self._send("GET", "/api/v2/monitor/health")[part] or {})
        except InfrastructureError as cause:
            return str(cause)
        beat = known.get(f"latest_{part}_heartbeat")
        if not beat or datetime.fromisoformat(str(beat)).astimezone(UTC) < since:
            return "no heartbeat yet"
        return "" if known.get("status") == "healthy" else f"reported {known.get('status')}"

    def import_errors(self) -> tuple[str, ...]:
        """Return one line for each DAG file that cannot be imported."""
        found = cast("list[JsonObject]", self.get("/importErrors")["import_errors"])
        return tuple(f"{one['filename']}: {_last_line(str(one['stack_trace']))}" for one in found)

    def dags_missing(self, expected: frozenset[str]) -> str:
        """Return which expected DAGs are not there or cannot be imported, else an empty string."""
        try:
            broken = self.import_errors()
            listed = cast("list[JsonObject]", self.get("/dags", limit=500)["dags"])
        except InfrastructureError as cause:
            return str(cause)
        if broken:
            return "; ".join(broken)
        absent = expected - {str(one["dag_id"]) for one in listed}
        return f"not parsed yet: {', '.join(sorted(absent))}" if absent else ""


def _last_line(trace: str) -> str:
    return trace.strip().splitlines()[-1] if trace.strip() else "no reason given"
