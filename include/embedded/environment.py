"""What each program is told: its environment variables, complete and explicit."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from include import settings
from include.embedded import credentials, ports
from include.embedded.home import REPOSITORY
from include.store.remote import DRIVER_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.embedded.home import Home

# What may come from the shell that starts the suite. Airflow's own variables may not: a shell that
# was set up for another Airflow would redirect ours.
_PASSED = DRIVER_VARIABLES | {"PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR"}
_PASSED_PREFIXES = ("LC_", "SSL_CERT_", "REQUESTS_CA", "AIRWORTHY_", "SLACK_")
_PROXIES = {"http_proxy", "https_proxy", "no_proxy"}
_PRIVATE = {
    "AIRWORTHY_WORKLOAD_SECRET",
    "AIRWORTHY_SERVING_TOKEN",
    "AIRWORTHY_OUTCOMES_TOKEN",
    "AIRWORTHY_DATABASE_URL",
    "AIRWORTHY_AIRFLOW_PASSWORD",
    "AIRWORTHY_SIGNING_KEY",
    "AIRWORTHY_TOKENS_FILE",
}


def inherited(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the part of the caller's environment that programs may see."""
    env = os.environ if environ is None else environ
    found = {
        name: value
        for name, value in env.items()
        if (name in _PASSED or name.startswith(_PASSED_PREFIXES) or name.lower() in _PROXIES)
        and name not in _PRIVATE
    }
    loopback = "127.0.0.1,localhost"
    for name in ("no_proxy", "NO_PROXY"):
        found[name] = f"{found[name]},{loopback}" if found.get(name) else loopback
    return found


def shared(home: Home, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what every program of the suite sees: of secrets only what opens the store."""
    env = os.environ if environ is None else environ
    listen = ports.read(env)
    mine = settings.read({**env, "AIRWORTHY_HOME": str(home.root)})
    return {
        **inherited(env),
        "AIRWORTHY_HOME": str(home.root),
        "AIRWORTHY_INSTANCE": home.instance,
        "AIRWORTHY_STORE": mine.store,
        "AIRWORTHY_ARRIVALS": mine.arrivals,
        "AIRWORTHY_TENANT": mine.tenant,
        "AIRWORTHY_ENVIRONMENT": mine.environment,
        "AIRWORTHY_RUNTIME": mine.runtime,
        "AIRWORTHY_STEPS_PYTHON": mine.steps_python,
        "AIRWORTHY_MLFLOW_URI": mine.mlflow_uri,
        "AIRWORTHY_AIRFLOW_URL": listen.airflow_url,
        "AIRWORTHY_SERVING_URL": listen.serving_url,
        **{name: str(number) for name, number in listen.variables},
        # setproctitle would overwrite the memory behind /proc/<pid>/environ, where `down` looks
        # for the marker.
        "SPT_NOENV": "1",
        "PYTHONUNBUFFERED": "1",
    }


def airflow(home: Home, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what every Airflow component sees: its whole configuration."""
    env = os.environ if environ is None else environ
    keys, listen = credentials.read(home), ports.read(env)
    return {
        **shared(home, env),
        **_core(home),
        **_tuning(),
        "AIRFLOW__CORE__FERNET_KEY": keys.fernet_key,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{listen.airflow_url}/execution/",
        "AIRFLOW__API__HOST": ports.HOST,
        "AIRFLOW__API__PORT": str(listen.airflow),
        "AIRFLOW__API__BASE_URL": listen.airflow_url,
        "AIRFLOW__API__SECRET_KEY": keys.api_secret,
        "AIRFLOW__API_AUTH__JWT_SECRET": keys.jwt_secret,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            f"{name}:{role}" for name, role in credentials.USERS
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home.passwords),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
    }


def control_plane(home: Home, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what the owner of our database sees on top: its address and the workload secret."""
    env = os.environ if environ is None else environ
    mine = settings.read({**env, "AIRWORTHY_HOME": str(home.root)})
    optional = {
        "AIRWORTHY_SIGNING_KEY": mine.signing_key,
        "AIRWORTHY_TOKENS_FILE": mine.tokens_file,
    }
    return {
        "AIRWORTHY_DATABASE_URL": mine.database_url,
        "AIRWORTHY_WORKLOAD_SECRET": credentials.read(home).workload_secret,
        **{name: value for name, value in optional.items() if value},
    }


def machine_account(home: Home) -> dict[str, str]:
    """Return the log-in with which our services call Airflow's API."""
    return {
        "AIRWORTHY_AIRFLOW_USER": credentials.MACHINE,
        "AIRWORTHY_AIRFLOW_PASSWORD": credentials.passwords(home)[credentials.MACHINE],
    }


def serving(home: Home) -> dict[str, str]:
    """Return what the serving daemon sees on top: what its admin API and ``/outcomes`` ask for."""
    keys = credentials.read(home)
    return {
        "AIRWORTHY_SERVING_TOKEN": keys.serving_token,
        "AIRWORTHY_OUTCOMES_TOKEN": keys.outcomes_token,
    }


def _core(home: Home) -> dict[str, str]:
    bundle = {
        "name": "airworthy",
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(REPOSITORY / "dags")},
    }
    return {
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle]),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(home.airflow / "bundles"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home.airflow}/airflow.db",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home.logs / "airflow"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def _tuning() -> dict[str, str]:
    return {
        # Four workers are forked at once whether there is work or not; the steps are processes of
        # their own, so that more would only take memory from them.
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        # Tasks queued in a scheduler that was killed are picked up by its successor only here.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL": "300",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
    }
