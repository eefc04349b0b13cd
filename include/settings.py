"""What an installation decides once, read from ``AIRWORTHY_*`` environment variables."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """One installation: where its state is, and where its parts answer."""

    home: Path
    store: str
    arrivals: str
    tenant: str
    environment: str
    runtime: str
    steps_python: str
    database_url: str
    mlflow_uri: str
    airflow_url: str
    serving_url: str
    serving_token: str = field(repr=False)
    workload_secret: str = field(repr=False)
    outcomes_token: str = field(default="", repr=False)
    prediction_sample: str = ""
    router_rate: str = ""
    router_concurrent: str = ""
    airflow_user: str = "airworthy"
    airflow_password: str = field(default="", repr=False)
    tokens_file: str = ""
    signing_key: str = field(default="", repr=False)

    @property
    def control_plane_url(self) -> str:
        """Address of the control plane as Airflow mounts it."""
        return f"{self.airflow_url}/airworthy"

    @property
    def has_mlflow_server(self) -> bool:
        """Whether runs go to a server, which keeps their artifacts too, or into a database."""
        return self.mlflow_uri.startswith(("http://", "https://"))


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process; a missing variable has the embedded default."""
    env = os.environ if environ is None else environ
    home = Path(env.get("AIRWORTHY_HOME") or REPOSITORY / "var").resolve()
    return Settings(
        home=home,
        store=env.get("AIRWORTHY_STORE") or f"file://{home}/store",
        arrivals=env.get("AIRWORTHY_ARRIVALS") or f"file://{home}/arrivals",
        tenant=env.get("AIRWORTHY_TENANT", "default"),
        environment=env.get("AIRWORTHY_ENVIRONMENT", "embedded"),
        runtime=env.get("AIRWORTHY_RUNTIME", "local"),
        steps_python=env.get("AIRWORTHY_STEPS_PYTHON") or f"{home}/venv/steps/bin/python",
        database_url=env.get("AIRWORTHY_DATABASE_URL") or f"sqlite:///{home}/airworthy.db",
        mlflow_uri=env.get("AIRWORTHY_MLFLOW_URI") or f"sqlite:///{home}/mlflow.db",
        airflow_url=env.get("AIRWORTHY_AIRFLOW_URL", "http://127.0.0.1:8080"),
        serving_url=env.get("AIRWORTHY_SERVING_URL", "http://127.0.0.1:8091"),
        serving_token=env.get("AIRWORTHY_SERVING_TOKEN", ""),
        outcomes_token=env.get("AIRWORTHY_OUTCOMES_TOKEN", ""),
        prediction_sample=env.get("AIRWORTHY_PREDICTION_SAMPLE", ""),
        router_rate=env.get("AIRWORTHY_ROUTER_RATE", ""),
        router_concurrent=env.get("AIRWORTHY_ROUTER_CONCURRENT", ""),
        workload_secret=env.get("AIRWORTHY_WORKLOAD_SECRET", ""),
        airflow_user=env.get("AIRWORTHY_AIRFLOW_USER", "airworthy"),
        airflow_password=env.get("AIRWORTHY_AIRFLOW_PASSWORD", ""),
        tokens_file=env.get("AIRWORTHY_TOKENS_FILE", ""),
        signing_key=env.get("AIRWORTHY_SIGNING_KEY", ""),
    )
