from __future__ import annotations

import pytest

from include.embedded.airflow_settings import parse
from include.embedded.home import REPOSITORY
from include.errors import BadInput

SHIPPED = (REPOSITORY / "airflow_settings.yaml").read_text()
TOLD = {
    "AIRWORTHY_AIRFLOW_URL": "http://127.0.0.1:18080",
    "AIRWORTHY_SERVING_URL": "http://127.0.0.1:18091",
    "AIRWORTHY_WORKLOAD_SECRET": "s3cret",
    "AIRWORTHY_SERVING_TOKEN": "t0ken",
}


def test_the_shipped_file_names_no_secret_and_is_filled_in() -> None:
    file = parse(SHIPPED, TOLD)
    by_id = {one.conn_id: one for one in file.airflow.connections}
    assert by_id["airworthy"].conn_host == "http://127.0.0.1:18080/airworthy"
    assert by_id["airworthy"].conn_password == "s3cret"
    assert by_id["airworthy_serving"].conn_password == "t0ken"
    assert {pool.pool_name: pool.pool_slot for pool in file.airflow.pools} == {
        "airworthy_training": 2,
        "airworthy_release": 4,
    }


def test_without_its_token_slack_is_left_out_and_named() -> None:
    file = parse(SHIPPED, TOLD)
    assert file.left_out == (("slack_alerts", "SLACK_BOT_TOKEN"),)
    assert "slack_alerts" not in {one.conn_id for one in file.airflow.connections}
    assert parse(SHIPPED, {**TOLD, "SLACK_BOT_TOKEN": "xoxb"}).left_out == ()


@pytest.mark.parametrize(
    "text",
    [
        "airflow: [",
        "airflow: 3",
        "airflow: {pools: [3]}",
        "airflow: {connections: [{conn_id: a, conn_hots: b}]}",
        "airflow: {pools: [{pool_name: a, pool_slot: many}]}",
        "airflow: {roles: []}",
        "- a",
    ],
)
def test_another_layout_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a settings file"):
        parse(text, {})


def test_an_empty_file_is_fine() -> None:
    assert parse("", {}).airflow.connections == ()
