"""The relay's view of Airflow: log-ins, asset look-up and events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from include.errors import BadInput
from include.relay.airflow import Account, AirflowApi, AirflowUnavailable, NobodyListens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME, URI = "airworthy_registered_m", "x-airworthy://models/m/registered"


@pytest.fixture
def api(airflow) -> Iterator[AirflowApi]:
    client = AirflowApi(airflow.url, Account("airworthy", "s3cret"))
    yield client
    client.close()


def test_an_event_is_posted_for_the_exact_asset_and_without_partition(airflow, api) -> None:
    airflow.add_asset("airworthyXregistered_m", URI)
    airflow.add_asset(NAME, "x-airworthy://models/other/registered")
    wanted = airflow.add_asset(NAME, URI)
    api.emit(api.asset_id(NAME, URI), {"model": "m"})
    assert airflow.events == [{"asset_id": wanted, "extra": {"model": "m"}}]
    assert airflow.log_ins == 1


def test_an_asset_that_is_not_parsed_yet_is_unknown(api) -> None:
    with pytest.raises(NobodyListens, match="appears when the release DAG is parsed"):
        api.asset_id(NAME, URI)


def test_an_event_that_airflow_would_drop_is_not_posted(airflow, api) -> None:
    airflow.add_asset(NAME, URI, consumers=())
    with pytest.raises(NobodyListens, match="no unpaused DAG"):
        api.asset_id(NAME, URI)
    airflow.assets.clear()
    wanted = airflow.add_asset(NAME, URI, consumers=("m_release", "m_mirror"))
    airflow.paused = {"m_release", "m_mirror"}
    with pytest.raises(NobodyListens, match="Unpause the release DAG"):
        api.asset_id(NAME, URI)
    airflow.paused = {"m_mirror"}
    assert api.asset_id(NAME, URI) == wanted


def test_an_expired_token_is_replaced_once(airflow, api) -> None:
    airflow.add_asset(NAME, URI)
    api.asset_id(NAME, URI)
    airflow.expire_tokens()
    api.emit(1, {})
    assert [airflow.log_ins, len(airflow.events)] == [2, 1]


def test_a_refused_log_in_and_a_failing_server_say_so(airflow, api) -> None:
    airflow.mishaps = [500]
    with pytest.raises(AirflowUnavailable, match="500"):
        api.asset_id(NAME, URI)
    airflow.expire_tokens()
    airflow.password = "changed"
    with pytest.raises(AirflowUnavailable, match="401"):
        api.asset_id(NAME, URI)


def test_nobody_there_is_unavailable_and_names_no_secret() -> None:
    api = AirflowApi("http://127.0.0.1:9", Account("airworthy", "s3cret"))
    with pytest.raises(AirflowUnavailable) as caught:
        api.emit(1, {})
    api.close()
    assert "s3cret" not in f"{caught.value} {Account('airworthy', 's3cret')}"


@pytest.mark.parametrize("text", ["s3cret\n", json.dumps({"airworthy": "s3cret", "viewer": "x"})])
def test_a_password_file_is_plain_or_a_document(tmp_path: Path, text: str) -> None:
    file = tmp_path / "passwords"
    file.write_text(text)
    environ = {
        "AIRWORTHY_AIRFLOW_USER": "airworthy",
        "AIRWORTHY_AIRFLOW_PASSWORD_FILE": str(file),
    }
    assert Account.read(environ).secret() == "s3cret"


def test_no_account_and_no_password_are_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="AIRWORTHY_AIRFLOW_PASSWORD"):
        Account.read({"AIRWORTHY_AIRFLOW_USER": "airworthy"})
    with pytest.raises(BadInput, match="no password for"):
        Account("airworthy", password_file=tmp_path / "missing").secret()
