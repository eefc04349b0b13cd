"""What Airflow registers. Every component imports this module, so that it stays light.

Airflow makes one instance and asks it for its FastAPI and React applications in the API server
only: both are properties, and the control plane is imported when it is mounted.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, TypedDict

from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from fastapi import FastAPI

PREFIX = "/airworthy"
PRELOAD = "AIRWORTHY_PRELOAD"
# What the first task of a kind would import: tasks are forked from the scheduler.
FOR_ALL_TASKS = (
    "include.client.control_plane",
    "include.spec.shelf",
    "include.steps.contract",
    "airflow.sdk.bases.operator",
    "airflow.sdk.bases.sensor",
    "airflow.providers.slack.hooks.slack",
)
FOR_PODS = ("airflow.providers.cncf.kubernetes.operators.pod",)


class Mounted(TypedDict):
    """A FastAPI application as Airflow mounts it."""

    app: FastAPI
    url_prefix: str
    name: str


class AirworthyPlugin(AirflowPlugin):
    """The control plane, the console, and in the scheduler the preload."""

    name = "airworthy"

    @cached_property
    def fastapi_apps(self) -> list[Mounted]:
        """The control plane with the console's files; built when the API server mounts it."""
        # Heavy, and wanted in one process only.
        from plugins.airworthy.mounted import application  # noqa: PLC0415

        return [{"app": application(), "url_prefix": PREFIX, "name": "airworthy"}]

    @cached_property
    def react_apps(self) -> list[dict[str, object]]:
        """The console's page; none where its bundle was not built."""
        from plugins.airworthy.bundle import page  # noqa: PLC0415 - imports FastAPI

        found = page(PREFIX)
        return [asdict(found)] if found else []

    @classmethod
    def on_load(cls, *args: object, **kwargs: object) -> None:  # noqa: ARG003 - Airflow's signature
        """Import in the scheduler what its forked tasks would each import again."""
        if os.environ.get(PRELOAD) == "1":
            on_pods = os.environ.get("AIRWORTHY_RUNTIME") == "kubernetes"
            for module in (*FOR_ALL_TASKS, *(FOR_PODS if on_pods else ())):
                importlib.import_module(module)
