"""A real MLflow server on an address that pods reach."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from include.embedded.home import home
from tests.support.cluster import wait_until
from tests.support.installation import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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


def runs_of(url: str, experiment: str) -> list[str]:
    """Return the names of an experiment's runs."""
    found = httpx.get(
        f"{url}/api/2.0/mlflow/experiments/get-by-name",
        params={"experiment_name": experiment},
        trust_env=False,
    ).raise_for_status()
    wanted = {"experiment_ids": [found.json()["experiment"]["experiment_id"]], "max_results": 100}
    answer = httpx.post(f"{url}/api/2.0/mlflow/runs/search", json=wanted, trust_env=False)
    return [run["info"]["run_name"] for run in answer.raise_for_status().json().get("runs", [])]
