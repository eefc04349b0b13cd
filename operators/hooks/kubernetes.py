"""A Kubernetes API server over the plain client: JSON in and out, failures of our tree.

The client is used for what is hard to get right: credentials of a kubeconfig or of a pod, also
those that expire. Requests go through its lowest layer, since the SDK of KServe tells a missing
object, a conflict and a refusal apart no more, and cannot be installed beside Airflow.
"""

from __future__ import annotations

import json
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from include.errors import AirworthyError, BadInput, Forbidden, NotFound, ServingUnavailable
from include.serving.kserve.cluster import Outdated
from include.serving.kserve.installation import FIELD_MANAGER

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

    from include.serving.kserve.cluster import Cluster

APPLY, JSON_PATCH, JSON = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/json",
)
_TIMEOUT = (3.0, 15.0)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0
_PERMANENT: dict[int, type[AirworthyError]] = {
    400: BadInput,
    401: Forbidden,
    404: NotFound,
    405: BadInput,
    409: Outdated,
    410: NotFound,
    413: BadInput,
    415: BadInput,
    422: BadInput,
}


class ApiServer:
    """An API server as the driver needs it.

    Overload (429), failures of the server or of a webhook (5xx) and lost connections are tried
    again with growing pauses until the budget is spent. None of them says anything of a rollout.

    Args:
        kubeconfig: Path of a kubeconfig; empty for the account of this pod.
        context: Context of it; empty for the current one.
        budget_seconds: Longest time that one call may take with all its tries.
    """

    def __init__(
        self, kubeconfig: str = "", context: str = "", budget_seconds: float = 10.0
    ) -> None:
        self.kubeconfig = kubeconfig
        self.context = context
        self.budget_seconds = budget_seconds

    def get(self, path: str) -> str:
        """Return an object or a list."""
        return self._call("GET", path)

    def apply(self, path: str, manifest: str) -> str:
        """Apply a manifest as our field manager, over other managers' fields, and return it."""
        query = f"{path}?fieldManager={FIELD_MANAGER}&force=true"
        return self._call("PATCH", query, manifest, APPLY)

    def patch(self, path: str, operations: str) -> str:
        """Change an object by JSON Patch, and return it."""
        return self._call("PATCH", f"{path}?fieldManager={FIELD_MANAGER}", operations, JSON_PATCH)

    def create(self, path: str, manifest: str) -> str:
        """Create an object and return it."""
        return self._call("POST", path, manifest, JSON)

    def delete(self, path: str) -> None:
        """Delete an object; gone is gone."""
        try:
            self._call("DELETE", path)
        except NotFound:
            return

    def close(self) -> None:
        """Close the connections."""
        if "_client" in self.__dict__:
            self._client.close()

    def _call(self, method: str, path: str, body: str = "", kind: str = JSON) -> str:
        deadline, pause = time.monotonic() + self.budget_seconds, _FIRST_PAUSE
        while True:
            failure = self._try(method, path, body, kind)
            if isinstance(failure, str):
                return failure
            if time.monotonic() + pause >= deadline:
                raise failure
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _try(self, method: str, path: str, body: str, kind: str) -> str | ServingUnavailable:
        """Return the answer, or a failure that may pass."""
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        client = self._client
        headers = {"Accept": "application/json", "Content-Type": kind}
        client.update_params_for_auth(headers, [], ["BearerToken"])
        try:
            answer = client.rest_client.pool_manager.request(
                method,
                client.configuration.host + path,
                body=body or None,
                headers=headers,
                timeout=self._timeout,
                retries=False,
            )
        except HTTPError as lost:
            return _unreachable(client.configuration.host, lost)
        text: str = answer.data.decode(errors="replace")
        if answer.status < 300:
            return text
        error = _failure(answer.status, text, f"{method} {path.partition('?')[0]}")
        if isinstance(error, ServingUnavailable):
            return error
        raise error

    @cached_property
    def _timeout(self) -> Any:
        from urllib3 import Timeout  # noqa: PLC0415

        return Timeout(connect=_TIMEOUT[0], read=_TIMEOUT[1])

    @cached_property
    def _client(self) -> ApiClient:
        # It takes a second to import, which no parse of a DAG file may cost.
        from kubernetes import client, config
        from kubernetes.config.config_exception import ConfigException

        settings = client.Configuration()
        try:
            if self.kubeconfig:
                config.load_kube_config(
                    self.kubeconfig, context=self.context or None, client_configuration=settings
                )
            else:
                config.load_incluster_config(client_configuration=settings)
        except ConfigException as wrong:
            raise BadInput(
                f"no way to the API server: {wrong}",
                where="serving connection",
                value=self.kubeconfig,
                remedy="Name a kubeconfig in its extra, or run in a pod with an account",
            ) from wrong
        return client.ApiClient(settings)


def _unreachable(host: str, lost: Exception) -> ServingUnavailable:
    return ServingUnavailable(
        f"the API server does not answer: {lost}",
        where=host,
        remedy="Is the cluster up, and may this network reach it?",
    )


def _failure(status: int, text: str, where: str) -> AirworthyError:
    told = _message(text)
    if status == 403:
        # A webhook that refuses for good says 403 as well.
        if "admission webhook" in told and "denied the request" in told:
            return BadInput(told, where=where)
        return Forbidden(told, where=where, remedy="Give the account this right")
    kind = _PERMANENT.get(status, ServingUnavailable)
    remedy = "The credentials are missing or have expired" if status == 401 else ""
    return kind(f"{status}: {told}", where=where, remedy=remedy)


def _message(text: str) -> str:
    try:
        return str(json.loads(text)["message"])[:600]
    except (ValueError, KeyError, TypeError):
        return text[:200] or "no message"


if TYPE_CHECKING:
    _proof: Cluster = ApiServer()
