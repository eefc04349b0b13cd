"""A Prometheus as a source: counts, and what is told apart when there are none."""

from __future__ import annotations

import pytest

from include.errors import BadInput, MetricsUnavailable, ServingUnavailable
from include.verdict import Verdict
from tests.unit.serving.prometheus.conftest import PATIENCE, SCRAPE


def condition(scene):
    with pytest.raises(ServingUnavailable) as error:
        scene.evidence()
    assert isinstance(error.value, MetricsUnavailable)
    assert error.value.where
    return error.value.condition


class TestCounts:
    def test_a_harmless_canary_passes(self, scene):
        scene.begun()
        for _ in range(6):
            scene.serve(50)
        seen = scene.seen()
        assert (seen.verdict, seen.candidate_requests) == (Verdict.PASS, 300)

    def test_errors_fail(self, scene):
        scene.begun()
        scene.serve(100, errors=20)
        seen = scene.seen()
        assert seen.verdict is Verdict.FAIL
        assert "errors: harm: 20 of 100 requests failed" in seen.words

    def test_slow_answers_fail(self, scene):
        scene.begun()
        scene.stable.answer(200)
        scene.canary.answer(200, slow=True)
        scene.scraped()
        seen = scene.seen()
        assert (seen.verdict, "latency: harm" in seen.words) == (Verdict.FAIL, True)

    def test_requests_before_the_phase_do_not_count(self, scene):
        scene.later(-30)
        scene.canary.answer(500, "500")
        scene.prometheus.scrape()
        scene.later(30)
        scene.begun()
        scene.serve(100)
        assert scene.evidence().tally("2.0.0").errors == 0

    def test_refused_requests_are_the_callers(self, scene):
        scene.begun()
        scene.canary.answer(30, "404")
        scene.serve(100)
        tally = scene.evidence().tally("2.0.0")
        assert (tally.requests, tally.errors, tally.refused) == (100, 0, 30)

    def test_a_restart_of_the_canary_keeps_its_counts(self, scene):
        scene.begun()
        scene.serve(100, errors=20)
        fresh = scene.prometheus.targets[1] = type(scene.canary)(
            "loans", "2.0.0", scene.canary.instance, scene.prometheus.now()
        )
        scene.canary = fresh
        scene.serve(50)
        tally = scene.evidence().tally("2.0.0")
        assert (tally.requests, tally.errors) == (150, 20)

    def test_a_source_that_starts_again_counts_the_same(self, scene):
        scene.begun()
        for _ in range(5):
            scene.serve(40, errors=2)
            grown = scene.evidence()
        scene.source = scene.another()
        assert scene.evidence() == grown

    def test_a_long_phase_is_asked_for_in_steps(self, scene):
        scene.begun()
        for _ in range(50):
            scene.later(10 * SCRAPE)
            scene.serve(1)
        assert scene.evidence().tally("2.0.0").requests == 50
        ranges = {query.rpartition("[")[2] for query in scene.prometheus.asked if "[" in query}
        assert len(ranges) >= 2
        assert all(int(one.rstrip("s]")) <= 600 for one in ranges)

    def test_a_look_between_two_scrapes_asks_little(self, scene):
        scene.begun()
        scene.serve(10)
        first = scene.evidence()
        scene.prometheus.asked.clear()
        scene.later(1)
        assert scene.evidence() == first
        assert [query.partition("{")[0] for query in sorted(scene.prometheus.asked)] == [
            "airworthy_model_start_time_seconds",
            "airworthy_model_start_time_seconds",
            "time()",
        ]

    def test_an_ended_phase_grows_no_more(self, scene):
        scene.begun()
        scene.serve(10)
        scene.until(scene.prometheus.now())
        scene.later(3600)
        scene.serve(10)
        assert scene.evidence().tally("2.0.0").requests == 10

    def test_variants_that_are_scraped_at_different_moments_are_no_other_split(self, scene):
        scene.begun()
        verdicts = []
        for _ in range(10):
            for one in (scene.canary, scene.stable):
                one.answer(500)
                scene.prometheus.targets = [one]
                scene.scraped(SCRAPE / 2)
                verdicts.append(scene.seen().verdict)
        assert Verdict.ERROR not in verdicts
        assert verdicts[-1] is Verdict.PASS

    def test_another_split_is_told(self, scene):
        scene.begun()
        for _ in range(10):
            scene.stable.answer(300)
            scene.serve(50)
        seen = scene.seen()
        assert seen.verdict is Verdict.ERROR
        assert "the split is another one" in seen.words


class TestConditions:
    def test_right_after_the_beginning_there_is_no_news_yet(self, scene):
        assert scene.evidence().tallies == ()
        assert scene.seen().verdict is Verdict.NO_DATA

    def test_down(self, scene):
        scene.prometheus.close()
        assert condition(scene) == "down"

    @pytest.mark.parametrize(
        ("status", "expected"),
        [(500, "down"), (503, "down"), (401, "refused"), (404, "refused"), (422, "refused")],
    )
    def test_status(self, scene, status, expected):
        scene.prometheus.status = status
        assert condition(scene) == expected

    def test_a_part_is_missing(self, scene):
        scene.begun()
        scene.prometheus.warnings = ["a store did not answer"]
        assert condition(scene) == "partial"

    def test_empty(self, scene):
        scene.later(PATIENCE + 1)
        assert condition(scene) == "empty"

    def test_a_variant_without_requests_need_not_be_there(self, scene):
        phase = scene.phases.phases[3]
        arms = tuple(
            type(arm)(arm.variant, arm.version, 0 if arm.variant == "v1" else 100)
            for arm in phase.arms
        )
        scene.phases.phases[3] = type(phase)("loans", 3, phase.since, arms)
        scene.prometheus.targets.remove(scene.stable)
        scene.begun()
        scene.canary.answer(5)
        scene.scraped()
        assert [one.version for one in scene.evidence().tallies] == ["2.0.0"]

    def test_stale(self, scene):
        scene.begun()
        scene.serve(100)
        scene.later(PATIENCE - 1)
        assert scene.evidence().tallies
        scene.later(2)
        assert condition(scene) == "stale"

    def test_one_variant_is_stale(self, scene):
        scene.begun()
        scene.serve(100)
        scene.prometheus.targets.remove(scene.canary)
        for _ in range(4):
            scene.scraped()
        assert condition(scene) == "stale"

    def test_what_was_seen_before_the_phase_is_stale_too(self, scene):
        scene.later(-SCRAPE)
        scene.prometheus.scrape()
        scene.later(SCRAPE + PATIENCE + 1)
        assert condition(scene) == "stale"

    def test_nan(self, scene):
        scene.begun()
        scene.serve(10)
        scene.canary.codes["200"] = float("nan")
        scene.scraped()
        assert condition(scene) == "nan"

    def test_what_is_wrong_stays_wrong_until_the_next_scrape(self, scene):
        scene.begun()
        scene.serve(10)
        scene.canary.codes["200"] = float("nan")
        scene.scraped()
        assert [condition(scene) for _ in range(3)] == ["nan"] * 3
        scene.canary.codes["200"] = 25.0
        scene.scraped()
        assert scene.evidence().tally("2.0.0").requests == 25

    def test_clocks_differ(self, scene):
        scene.source = scene.another()
        scene.source._clock = lambda: scene.prometheus.now() - 60
        assert condition(scene) == "skewed"

    def test_a_status_that_is_none(self, scene):
        scene.begun()
        scene.canary.answer(5, "OK")
        scene.scraped()
        assert condition(scene) == "malformed"

    def test_more_timed_answers_than_requests(self, scene):
        scene.begun()
        scene.canary.quick += 50
        scene.serve(10)
        assert condition(scene) == "malformed"

    def test_it_comes_back(self, scene):
        scene.begun()
        scene.serve(10)
        scene.prometheus.status = 503
        assert condition(scene) == "down"
        scene.prometheus.status = 200
        scene.serve(10)
        assert scene.evidence().tally("2.0.0").requests == 20


class TestToken:
    def test_it_is_sent(self, scene):
        scene.prometheus.token = "secret"
        assert condition(scene) == "refused"
        scene.source = scene.another(token="secret")
        assert scene.evidence().tallies == ()

    def test_no_proxy_of_the_environment_is_asked(self, scene, monkeypatch):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert scene.evidence().tallies == ()

    @pytest.mark.parametrize("content", [None, "no certificate"])
    def test_certificates_that_are_none_are_told(self, scene, tmp_path, content):
        file = tmp_path / "ca.pem"
        if content:
            file.write_text(content)
        scene.source = scene.another(ca_file=str(file))
        with pytest.raises(BadInput, match=r"evidence\.ca_file"):
            scene.evidence()
