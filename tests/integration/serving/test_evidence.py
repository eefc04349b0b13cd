"""Counts, labels and logs of a real daemon that is killed, stopped and written to by strangers."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from include.serving.endpoint import Endpoint
from include.serving.journal_reader import JournalReader
from include.serving.predictions import PredictionRecord
from tests.support.serving_daemon import OUTCOMES_TOKEN, Daemon
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from pathlib import Path

    from include.evidence.tally import Evidence

URL = "/v2/models/loans/infer"


def ask(daemon: Daemon, *names: str, rows: int = 1) -> None:
    with httpx.Client(base_url=daemon.router, trust_env=False) as client:
        for name in names:
            body = {"inputs": [{"name": "a", "shape": [rows], "data": [1] * rows}]}
            client.post(URL, json=body, headers={"x-request-id": name}).raise_for_status()


def label(daemon: Daemon, *names: str, value: int = 1, token: str = OUTCOMES_TOKEN) -> dict:
    outcomes = {"outcomes": [{"request_id": name, "label": value} for name in names]}
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = httpx.post(
        f"{daemon.router}/outcomes", json=outcomes, headers=headers, trust_env=False
    )
    return {"status": answer.status_code} | answer.json()


def evidence(daemon: Daemon, revision: int = 1) -> Evidence:
    return asyncio.run(daemon.driver.evidence("loans", revision))


def records(daemon: Daemon) -> list[PredictionRecord]:
    return list(JournalReader(daemon.home / "predictions", PredictionRecord))


def names(count: int, prefix: str = "r") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def test_a_clean_stop_loses_nothing(daemon: Daemon) -> None:
    daemon.live()
    ask(daemon, *names(40), rows=2)
    label(daemon, "r0", "r1")
    daemon.stop()
    daemon.start()
    seen = evidence(daemon)
    (tally,) = seen.tallies
    assert (tally.requests, tally.errors, tally.losses.error.count) == (40, 0, 2)
    assert sum(count for _, count in tally.outputs) == 80
    assert seen.interruptions == 0
    logged = records(daemon)
    assert [one.request_id for one in logged] == names(40)
    assert {one.rows for one in logged} == {2}
    assert 5 < sum(one.sampled for one in logged) < 35


def test_a_kill_loses_at_most_the_last_second_and_says_so(daemon: Daemon) -> None:
    daemon.live()
    with Traffic(daemon.router + URL, rate=100) as traffic:
        for kill in range(1, 4):
            time.sleep(1.5)
            daemon.kill()
            killed = time.monotonic()
            daemon.start()
            daemon.until(lambda: daemon.ready("loans"), "ready again")
            answered = [one for one in traffic.seen if one.status == 200 and one.at < killed]
            at_risk = [one for one in answered if one.at > killed - 1.5]
            restored = evidence(daemon)
            assert restored.interruptions == kill
            assert restored.tallies[0].requests >= len(answered) - kill * len(at_risk)
    good = traffic.statuses[200]
    counted = evidence(daemon).tallies[0]
    assert good - 3 * 160 <= counted.requests - counted.errors <= good
    assert counted.requests > 100
    daemon.stop()
    assert good - 3 * 40 <= len(records(daemon))


def test_an_idle_endpoint_is_watched_over_restarts(daemon: Daemon) -> None:
    daemon.live()
    ask(daemon, "a")
    time.sleep(1.3)
    daemon.kill()
    daemon.start()
    assert evidence(daemon).tallies[0].requests == 1
    before = evidence(daemon).seconds
    time.sleep(0.5)
    assert 0.4 < evidence(daemon).seconds - before < 3
    assert before > 0.5


def test_labels_find_predictions_of_before_a_kill(daemon: Daemon) -> None:
    wanted = daemon.live()
    ask(daemon, "a", "b", "c")
    assert label(daemon, "a")["accepted"] == 1
    daemon.driver.apply(replace(wanted, revision=2))
    ask(daemon, "d")
    time.sleep(1.5)
    daemon.kill()
    daemon.start()
    assert label(daemon, "a", "b", "nobody") == {
        "status": 202,
        "accepted": 1,
        "unknown": 1,
        "duplicates": 1,
        "contradictions": 0,
        "unfit": 0,
    }
    label(daemon, "d", value=0)
    first, second = (evidence(daemon, revision).tallies[0] for revision in (1, 2))
    assert (first.losses.error.count, first.losses.error.total) == (2, 2)
    assert (second.losses.error.count, second.losses.error.total) == (1, 0)


def test_a_torn_log_does_not_keep_the_daemon_from_starting(daemon: Daemon) -> None:
    daemon.live()
    ask(daemon, "a", "b")
    time.sleep(1.5)
    daemon.kill()
    (log,) = (daemon.home / "predictions").iterdir()
    log.write_bytes(log.read_bytes()[:-20])
    (daemon.home / "counts" / "loans" / "1.json").write_text("{")
    daemon.start()
    assert "counts_set_aside" in daemon.log
    daemon.until(lambda: daemon.ready("loans"), "ready again")
    ask(daemon, "c")
    assert (evidence(daemon).tallies[0].requests, evidence(daemon).interruptions) == (1, 1)
    told = label(daemon, "a", "b", "c")
    assert (told["accepted"], told["unknown"]) == (2, 1)
    assert "lines_passed_over" in daemon.log
    daemon.stop()
    assert [one.request_id for one in records(daemon)] == ["a", "c"]


def test_outcomes_want_their_own_token(daemon: Daemon) -> None:
    daemon.live()
    ask(daemon, "a")
    for wrong in ("", "a-token-for-tests", OUTCOMES_TOKEN + "x"):
        assert label(daemon, "a", token=wrong)["status"] == 401
    assert label(daemon, "a")["accepted"] == 1


def test_without_a_token_outcomes_are_closed(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, outcomes_token="")
    try:
        daemon.start()
        told = label(daemon, "a", token="")
        assert told["status"] == 403
        assert "AIRWORTHY_OUTCOMES_TOKEN" in told["remedy"]
    finally:
        daemon.close()


def test_garbage_and_crashes_are_errors_of_the_variant(daemon: Daemon) -> None:
    daemon.live()
    daemon.behave("1.0.0", no_protocol=True)
    ask(daemon, "a", "b")
    daemon.behave("1.0.0", garbage=True)
    answer = httpx.post(daemon.router + URL, json={"inputs": []}, trust_env=False)
    assert answer.status_code == 502
    daemon.behave("1.0.0", status=422)
    httpx.post(daemon.router + URL, json={"inputs": []}, trust_env=False)
    (tally,) = evidence(daemon).tallies
    assert (tally.requests, tally.errors, tally.refused) == (3, 3, 1)


def test_a_shadow_is_paired_and_compared_by_labels(daemon: Daemon) -> None:
    wanted = daemon.live()
    daemon.behave("2.0.0", probability=0.75)
    shadow = replace(daemon.variant("candidate", "2.0.0", 0), mirror=100)
    daemon.driver.apply(replace(wanted, revision=2, variants=(*wanted.variants, shadow)))
    daemon.until(lambda: daemon.ready("loans"), "both ready")
    ask(daemon, *names(10))
    daemon.until(lambda: evidence(daemon, 2).pairings[0].pairs == 10, "mirrored")
    assert label(daemon, *names(10), value=1)["accepted"] == 10
    seen = evidence(daemon, 2)
    (tally,), (pair,) = seen.tallies, seen.pairings
    assert (tally.version, tally.requests, tally.losses.error.total) == ("1.0.0", 10, 10)
    assert (pair.version, pair.errors, pair.classes_differ, pair.dropped) == ("2.0.0", 0, 10, 0)
    assert (pair.differences.error.count, pair.differences.error.total) == (10, -10)
    text = httpx.get(f"{daemon.router}/metrics", trust_env=False).text
    labels = 'endpoint="loans",result="answered",variant="candidate",version="2.0.0"'
    assert f"airworthy_router_mirrored_total{{{labels}}} 10.0" in text
    daemon.stop()
    kinds = [one.kind for one in records(daemon)]
    assert (kinds.count("live"), kinds.count("shadow")) == (10, 10)


def test_a_foreign_write_is_never_counted_as_ours(daemon: Daemon) -> None:
    ours = daemon.live()
    ask(daemon, *names(5))
    foreign = Endpoint("loans", "loans", ours.revision, "stranger", 7, ours.variants)
    daemon.driver.apply(foreign)
    assert evidence(daemon, 1).tallies == ()
    ask(daemon, *names(3, "foreign"))
    assert evidence(daemon, 1).tallies[0].requests == 3
    candidate = daemon.variant("candidate", "2.0.0", 0)
    daemon.driver.apply(replace(foreign, revision=9, variants=(*ours.variants, candidate)))
    ask(daemon, "late")
    assert [evidence(daemon, one).tallies[0].requests for one in (1, 9)] == [3, 1]
    assert label(daemon, "r0", "late")["accepted"] == 2
    assert evidence(daemon, 1).tallies[0].losses.error.count == 0
    assert evidence(daemon, 9).tallies[0].losses.error.count == 1


@pytest.mark.parametrize("wrong", ["-1", "x", "1.5", "99999999999999999999999x"])
def test_a_revision_that_is_none_is_refused(daemon: Daemon, wrong: str) -> None:
    daemon.live()
    answer = httpx.get(
        f"http://127.0.0.1:{daemon.admin_port}/endpoints/loans/evidence/{wrong}",
        headers={"authorization": "Bearer a-token-for-tests"},
        trust_env=False,
    )
    assert answer.status_code == 400
