"""A real MLflow server on an address that pods reach."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from include.embedded.home import home
from tests.support.cluster import wait_until
from tests.support.installation import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

API = "api/2.0/mlflow"


@contextmanager
def mlflow_server(address: str, folder: Path) -> Iterator[str]:
    """Start a server over an empty database and return its URL."""
    (port,) = free_ports(1)
    url = f"http://{address}:{port}"
    backend = ("--backend-store-uri", f"sqlite:///{folder}/mlflow.db")
    kept = ("--artifacts-destination", f"file://{folder}/artifacts", "--workers", "1")
    reached = ("--host", address, "--port", str(port), "--allowed-hosts", "*")
    command = [str(home().steps), "-m", "mlflow", "server", *backend, *kept, *reached]
    with (folder / "mlflow.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        wait_until(lambda: _is_up(url), 90)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def artifacts_of(url: str, experiment: str) -> dict[str, list[str]]:
    """Return the paths of the artifacts of each run of an experiment, as the server has them."""
    known = _asked(url, "experiments/get-by-name", experiment_name=experiment)["experiment"]
    wanted = {"experiment_ids": [known["experiment_id"]], "max_results": 100}
    answer = httpx.post(f"{url}/{API}/runs/search", json=wanted, trust_env=False)
    ids = [run["info"]["run_id"] for run in answer.raise_for_status().json().get("runs", [])]
    return {
        one: [file["path"] for file in _asked(url, "artifacts/list", run_id=one).get("files", [])]
        for one in ids
    }


def _asked(url: str, path: str, **query: str) -> dict[str, Any]:
    answer = httpx.get(f"{url}/{API}/{path}", params=query, trust_env=False)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found
