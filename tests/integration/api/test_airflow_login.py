"""As the plugin mounts it in a real Airflow API application, behind Airflow's own log-in."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROBE = """
import asyncio, json, sys, warnings
warnings.simplefilter("ignore")
import httpx
from airflow.api_fastapi.app import create_app, get_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from include import settings
from plugins.airworthy.api.migrate import upgrade

upgrade(settings.read().database_url)
airflow = create_app()

def jwt(name, role):
    user = SimpleAuthManagerUser(username=name, role=role, teams=None)
    return get_auth_manager().generate_jwt(user)

async def main():
    told = {}
    transport = httpx.ASGITransport(app=airflow, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/airworthy/api/v1") as c:
        async def ask(path, **kw):
            answer = await c.get(path, **kw)
            return [answer.status_code, answer.json()]
        told["anonymous"] = await ask("/whoami")
        told["nonsense"] = await ask("/whoami", headers={"Authorization": "Bearer nonsense"})
        for role in ("viewer", "user", "op", "admin"):
            header = {"Authorization": f"Bearer {jwt('ann', role)}"}
            told[role] = await ask("/whoami", headers=header)
            told[role + "_events"] = (await ask("/events", headers=header))[0]
        told["machine"] = await ask(
            "/whoami", headers={"Authorization": f"Bearer {jwt('airworthy', 'op')}"}
        )
        told["cookie"] = await ask("/whoami", headers={"Cookie": "_token=" + jwt("bob", "viewer")})
        secret = {"X-Airworthy-Workload-Secret": "a-workload-secret"}
        run = {"run": {"dag_id": "d", "run_id": "r", "task_id": "t"}}
        token = (await c.post("/tokens", json=run, headers=secret)).json()
        told["workload"] = await ask(
            "/whoami", headers={"Authorization": "Bearer " + token["token"]}
        )
        told["both"] = await ask("/whoami", headers={
            "Authorization": "Bearer awt.nonsense", "Cookie": "_token=" + jwt("bob", "admin"),
        })
        told["docs"] = (await ask("/../../docs"))[0]
    print("TOLD" + json.dumps(told))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    home: Path = tmp_path_factory.mktemp("airflow")
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "AIRFLOW__API_AUTH__JWT_SECRET": "j" * 64,
        "AIRFLOW__API__SECRET_KEY": "s" * 32,
        "AIRWORTHY_HOME": str(home),
        "AIRWORTHY_WORKLOAD_SECRET": "a-workload-secret",
    }
    for command in (["-m", "airflow", "db", "migrate"], ["-c", PROBE]):
        done = subprocess.run(
            [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
    line = next(text for text in done.stdout.splitlines() if text.startswith("TOLD"))
    found: dict[str, object] = json.loads(line.removeprefix("TOLD"))
    return found


pytestmark = pytest.mark.timeout(400)


def test_without_a_login_nothing(told: dict[str, list]) -> None:
    for case in ("anonymous", "nonsense", "both"):
        status, problem = told[case]
        assert (status, problem["type"]) == (
            401,
            "https://airworthy.dev/problems/unauthenticated",
        )


def test_roles_are_mapped(told: dict[str, list]) -> None:
    roles = {role: told[role][1]["roles"] for role in ("viewer", "user", "op", "admin")}
    assert roles == {
        "viewer": ["viewer"],
        "user": ["approver", "viewer"],
        "op": ["operator", "viewer"],
        "admin": ["admin", "operator", "viewer"],
    }
    assert [told[f"{r}_events"] for r in roles] == [403, 403, 403, 200]
    assert told["cookie"][1]["id"] == "bob"


def test_machines_are_no_people(told: dict[str, list]) -> None:
    assert (told["machine"][1]["kind"], told["machine"][1]["roles"]) == ("service", ["service"])
    assert (told["workload"][1]["kind"], told["workload"][1]["authn"]) == ("workload", "claimed")
