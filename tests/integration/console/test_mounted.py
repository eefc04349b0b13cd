"""The control plane inside a real Airflow: whose log-in counts, and what nobody may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from include.client.control_plane import ControlPlane
from include.client.messages.base import RunRef
from include.clock import ManualClock
from include.errors import Forbidden
from include.registry.announcing import Registered
from include.relay.airflow import Account, AirflowApi, NobodyListens
from plugins.airworthy.api.identity.corroboration import Account as Machine
from plugins.airworthy.api.identity.corroboration import AirflowRuns, Standing

# The first test of a module starts a real Airflow.
pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    "path",
    ["api/v1/whoami", "api/v1/decisions", "static/airworthy.js", "docs", "openapi.json", "none"],
)
def test_nothing_is_open(airflow, path: str) -> None:
    assert httpx.get(f"{airflow.control_plane}/{path}").status_code == 401


def test_people_come_with_airflows_token_and_their_roles(airflow) -> None:
    with ControlPlane(airflow.control_plane, lambda: airflow.token("approver")) as plane:
        caller = plane.whoami()
    assert (caller.kind, caller.id) == ("person", "approver")
    assert set(caller.roles) == {"viewer", "approver"}
    stranger = ControlPlane(airflow.control_plane, lambda: "made-up")
    with stranger, pytest.raises(Forbidden):
        stranger.whoami()


def test_the_console_is_one_page_of_the_navigation(airflow) -> None:
    headers = {"Authorization": f"Bearer {airflow.token('airworthy')}"}
    with httpx.Client(base_url=airflow.url, headers=headers) as client:
        plugins = client.get("/api/v2/plugins").json()["plugins"]
        ours = [plugin for plugin in plugins if plugin["name"] == "airworthy"]
        page = ours[0]["react_apps"][0]
        assert len(ours) == 1
        assert (page["name"], page["url_route"], page["destination"]) == (
            "Airworthy",
            "airworthy",
            "nav",
        )
        for name in ("bundle_url", "icon", "icon_dark_mode"):
            assert client.get(f"/{page[name]}").status_code == 200
        script = client.get(f"/{page['bundle_url']}").headers["content-type"]
        assert "javascript" in script


def test_the_machine_account_finds_the_asset_and_posts_its_event(airflow) -> None:
    event = Registered(model="m", version="1.0.0", package_digest="sha256:1")
    api = AirflowApi(airflow.url, Account("airworthy", "m-pass"))
    try:
        asset = api.asset_id(event.asset_name, event.asset_uri)
        api.emit(asset, event.model_dump())
        for model in ("paused", "unknown"):
            other = event.model_copy(update={"model": model})
            with pytest.raises(NobodyListens):
                api.asset_id(other.asset_name, other.asset_uri)
    finally:
        api.close()
    headers = {"Authorization": f"Bearer {airflow.token('airworthy')}"}
    events = httpx.get(f"{airflow.url}/api/v2/assets/events", headers=headers).json()
    assert events["asset_events"][0]["extra"] == {**event.model_dump(), "from_rest_api": True}


def test_the_machine_account_sees_whether_a_run_is_over(airflow) -> None:
    clock = ManualClock(datetime.now(UTC))
    run = RunRef(dag_id="m_release", run_id="manual+one")
    headers = {"Authorization": f"Bearer {airflow.token('airworthy')}"}
    with (
        httpx.HTTPTransport() as network,
        httpx.Client(base_url=f"{airflow.url}/api/v2/dags/m_release", headers=headers) as client,
    ):
        account = Machine("airworthy", "m-pass")
        airworthy = AirflowRuns(airflow.url, account, clock, transport=network)
        assert airworthy.standing(run) is Standing.NOT_RUNNING
        made = {"dag_run_id": run.run_id, "logical_date": None}
        client.post("/dagRuns", json=made).raise_for_status()
        assert airworthy.standing(run) is Standing.RUNNING
        clock.instant += timedelta(minutes=3)
        assert airworthy.standing(run) is Standing.RUNNING, "it is queued"
        client.patch("/dagRuns/manual+one", json={"state": "failed"}).raise_for_status()
        clock.instant = datetime.now(UTC) + timedelta(minutes=5)
        assert airworthy.standing(run) is Standing.NOT_RUNNING
