from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from include.embedded import credentials, environment
from include.embedded.home import REPOSITORY, Home
from include.embedded.programs import Program, programs

if TYPE_CHECKING:
    from pathlib import Path

SHELL = {
    "PATH": "/usr/bin",
    "AIRFLOW_HOME": "/elsewhere",
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    "PYTHONPATH": "/elsewhere",
    "AIRWORTHY_PORT": "18080",
    "AIRWORTHY_SERVING_TOKEN": "leaked",
    "AIRWORTHY_OUTCOMES_TOKEN": "leaked",
    "SLACK_BOT_TOKEN": "xoxb",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    credentials.ensure(Home(tmp_path))
    return Home(tmp_path)


def by_name(home: Home) -> dict[str, Program]:
    return {program.name: program for program in programs(home)}


def test_a_shell_made_for_another_airflow_does_not_redirect_ours(home: Home) -> None:
    told = environment.airflow(home, SHELL)
    assert told["AIRFLOW_HOME"] == str(home.airflow)
    assert told["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "PYTHONPATH" not in told


def test_what_opens_an_s3_store_comes_from_the_shell(home: Home) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL": "http://s3"}
    assert keys.items() <= environment.shared(home, {**SHELL, **keys}).items()


def test_ports_move_every_address(home: Home) -> None:
    told = environment.airflow(home, SHELL)
    assert told["AIRFLOW__API__PORT"] == "18080"
    assert told["AIRWORTHY_AIRFLOW_URL"] == "http://127.0.0.1:18080"
    assert told["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:18080/execution/"


def test_everything_listens_on_this_machine_only(home: Home) -> None:
    assert environment.airflow(home, SHELL)["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert "127.0.0.1" in environment.shared(home, {"no_proxy": "corp"})["no_proxy"].split(",")


def test_nobody_is_admin_by_default(home: Home) -> None:
    told = environment.airflow(home, SHELL)
    assert told["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "False"
    users = told["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"].split(",")
    assert [user for user in users if user.endswith(":admin")] == ["admin:admin"]


def test_the_dags_of_the_repository_are_the_bundle(home: Home) -> None:
    (bundle,) = json.loads(
        environment.airflow(home, SHELL)["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"]
    )
    assert bundle["kwargs"] == {"path": str(REPOSITORY / "dags")}


def test_each_secret_reaches_only_the_program_that_needs_it(home: Home) -> None:
    secrets = credentials.read(home)
    holders = {
        secret: {p.name for p in programs(home) if secret in p.environment.values()}
        for secret in (
            secrets.workload_secret,
            secrets.serving_token,
            secrets.outcomes_token,
            secrets.jwt_secret,
        )
    }
    assert holders[secrets.workload_secret] == {"api-server", "relay"}
    assert holders[secrets.serving_token] == {"serving"}
    assert holders[secrets.outcomes_token] == {"serving"}
    assert not {"relay", "serving"} & holders[secrets.jwt_secret]


def test_only_the_scheduler_preloads(home: Home) -> None:
    preloading = [p.name for p in programs(home) if "AIRWORTHY_PRELOAD" in p.environment]
    assert preloading == ["scheduler"]


def test_every_program_carries_both_markers(home: Home) -> None:
    for program in programs(home):
        assert program.environment["AIRWORTHY_INSTANCE"] == home.instance
        assert program.environment["AIRWORTHY_SERVICE"] == program.name
        assert program.environment["SPT_NOENV"] == "1"


def test_the_api_server_starts_first_and_the_scheduler_stops_first(home: Home) -> None:
    order = sorted(programs(home), key=lambda program: program.priority)
    assert (order[0].name, order[-1].name) == ("api-server", "scheduler")
