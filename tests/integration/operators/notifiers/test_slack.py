"""The notifier against a server that speaks Slack's chat.postMessage, and a real control plane."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from include.errors import RunEnded
from operators.notifiers.slack import AirworthyNotifier

OK = (200, {}, {"ok": True, "channel": "C1", "ts": "1.2"})
LIMITED = (429, {"Retry-After": "1"}, {"ok": False, "error": "ratelimited"})


def connect(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    extra = {"base_url": f"{url}/api/", "timeout": 5}
    connection = {"conn_type": "slack", "password": "xoxb-test", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_SLACK_ALERTS", json.dumps(connection))


@pytest.fixture(params=["sync", "async"])
def notify(request: pytest.FixtureRequest) -> Any:
    """Return both ways in which Airflow calls a notifier."""
    notifier = AirworthyNotifier(model="model", channel="#team")
    if request.param == "sync":
        return notifier.notify
    return lambda context: asyncio.run(notifier.async_notify(context))


@pytest.fixture
def failed(context: Any) -> dict[str, Any]:
    made: dict[str, Any] = context(exception=RuntimeError("no memory left"))
    return made


def deliveries(plane: Any) -> list[tuple[str, str]]:
    (alert,) = plane.approver.alerts(model="model")
    return [(delivery.state.value, delivery.detail) for delivery in alert.deliveries]


def test_an_alert_is_recorded_sent_and_its_delivery_recorded(
    notify: Any, failed: Any, plane: Any, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = script(OK)
    connect(monkeypatch, slack.url)
    notify(failed)
    (alert,) = plane.approver.alerts(model="model")
    assert alert.body == "no memory left"
    assert deliveries(plane) == [("delivered", "")]
    ((method, path, body),) = slack.asked
    assert (method, path, body["channel"]) == ("POST", "/api/chat.postMessage", "#team")
    assert "no memory left" in json.dumps(body["blocks"])
    assert body["blocks"][-1]["elements"][0]["url"] == alert.link


def test_it_is_told_once_however_often_it_fails(
    notify: Any, failed: Any, plane: Any, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = script(OK)
    connect(monkeypatch, slack.url)
    notify(failed)
    notify(failed)
    assert len(slack.asked) == 1
    assert len(plane.approver.alerts(model="model")) == 1


def test_slacks_wish_to_wait_is_honoured(
    notify: Any, failed: Any, plane: Any, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = script(LIMITED, OK)
    connect(monkeypatch, slack.url)
    notify(failed)
    assert len(slack.asked) == 2
    assert deliveries(plane) == [("delivered", "")]


def test_a_limit_that_does_not_end_is_a_failed_delivery(
    notify: Any, failed: Any, plane: Any, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = script((429, {"Retry-After": "0"}, {"ok": False, "error": "ratelimited"}))
    connect(monkeypatch, slack.url)
    notify(failed)
    assert len(slack.asked) == 3
    assert deliveries(plane) == [("failed", "ratelimited")]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, {}, {"ok": False, "error": "invalid_auth"}), "invalid_auth"),
        ((200, {}, {"ok": False, "error": "channel_not_found"}), "channel_not_found"),
        ((500, {}, {"ok": False, "error": "internal_error"}), "internal_error"),
    ],
)
def test_slacks_refusal_is_recorded_with_its_reason(
    notify: Any, failed: Any, plane: Any, script: Any, monkeypatch: pytest.MonkeyPatch,
    answer: Any, reason: str,
) -> None:  # fmt: skip
    connect(monkeypatch, script(answer).url)
    notify(failed)
    assert deliveries(plane) == [("failed", reason)]


def test_slack_that_is_not_there_is_a_failed_delivery(
    notify: Any, failed: Any, plane: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, "http://127.0.0.1:9")
    notify(failed)
    ((state, reason),) = deliveries(plane)
    assert state == "failed"
    assert reason


def test_no_connection_means_not_configured(
    notify: Any, failed: Any, plane: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SLACK_ALERTS", raising=False)
    notify(failed)
    ((state, reason),) = deliveries(plane)
    assert state == "not_configured"
    assert "slack_alerts" in reason


def test_without_control_plane_slack_is_told_and_the_log_says_what_was_lost(
    notify: Any, failed: Any, script: Any, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY", json.dumps({"conn_type": "airworthy"}))
    slack = script(OK)
    connect(monkeypatch, slack.url)
    with caplog.at_level(logging.ERROR):
        notify(failed)
    assert len(slack.asked) == 1
    assert "alert not recorded" in caplog.text


def test_nobody_to_tell_is_an_error_in_the_log_and_never_raises(
    notify: Any, failed: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AIRWORTHY", json.dumps({"conn_type": "airworthy"}))
    monkeypatch.delenv("AIRFLOW_CONN_SLACK_ALERTS", raising=False)
    with caplog.at_level(logging.ERROR):
        notify(failed)
    assert "nobody was told" in caplog.text
    assert "no memory left" in caplog.text


def test_the_end_of_a_run_is_not_told_twice(notify: Any, context: Any, plane: Any) -> None:
    notify(context(exception=RunEnded("refused by the gates")))
    assert plane.approver.alerts(model="model") == ()
