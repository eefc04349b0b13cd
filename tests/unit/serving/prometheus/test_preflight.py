"""What keeps a release from beginning: facts to refusals, and the look that finds the facts."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from include.serving.prometheus.answers import Described
from include.serving.prometheus.configuration import configured
from include.serving.prometheus.facts import Facts, Found
from include.serving.prometheus.phases import Arm, Phase
from include.serving.prometheus.preflight import Needs, needs_of, preflight, refusals, unable
from include.serving.prometheus.series import Series
from include.serving.prometheus.templates import MODEL_SERVER
from include.spec.release import QualityLimits
from tests.support import plans
from tests.support.exposing_server import ExposingServer
from tests.support.fake_prometheus import Counters

NOW = 2_000_000_000.0
OPTIONS = configured({"kind": "prometheus", "url": "http://p:9090", "scrape_seconds": 15})
NEEDS = Needs(limit_ms=250)
ARM = Arm("v1", "1.0.0", 100)
TEMPLATES = MODEL_SERVER.filled(Phase("loans", 1, NOW, (ARM,)), ARM)


def series(value=5.0, times=(-35, -20, -5), **labels):
    named = {"instance": "a", **labels}
    return Series(tuple(sorted(named.items())), tuple((NOW + time, value) for time in times))


def buckets(*bounds, **more):
    return tuple(series(le=bound, **more) for bound in (*bounds, "+Inf"))


def good(templates=TEMPLATES, **changes):
    """Return facts that nothing is wrong with, but for the changes: series by signal."""
    found = {
        "presence": (series(NOW - 600),),
        "requests": (series(code="200"), series(code="500")),
        "latency": buckets("0.1", "0.25", "1"),
        "predictions": buckets("0.5"),
    }
    signals = tuple(
        Found(signal, getattr(templates, signal), shown)
        for signal, shown in (found | changes).items()
    )
    return Facts("v1 of loans", NOW, NOW, templates, signals)


def described(facts, signal, kind, unit=""):
    found = tuple(
        replace(one, described=(Described(kind, unit),)) if one.signal == signal else one
        for one in facts.found
    )
    return replace(facts, found=found)


def told(facts, needs=NEEDS, options=OPTIONS):
    return [str(one) for one in refusals(facts, options, needs)]


def test_nothing_is_wrong():
    assert told(good()) == []


@pytest.mark.parametrize(
    ("changes", "words", "remedy"),
    [
        ({"presence": ()}, "presence: no series: airworthy_model_start", "Is it scraped?"),
        ({"requests": ()}, "requests: no series: airworthy_model_requests", "Is it scraped?"),
        ({"latency": ()}, "latency: no series", "Is it scraped?"),
        ({"predictions": ()}, "predictions: no series", "Is it scraped?"),
        ({"requests": (series(),)}, "label 'code' is no HTTP status: ''", "Set `code`"),
        ({"requests": (series(code="OK"),)}, "no HTTP status: 'OK'", "Set `code`"),
        ({"requests": (series(0.25, code="200"),)}, "no count: 0.25", "no rate"),
        ({"requests": (series(float("nan"), code="200"),)}, "no count: nan", "no rate"),
        ({"requests": (series(code="200", instance="z"),)}, "comes from no process", "`target`"),
        ({"latency": (series(le="0.25"),)}, 'no bucket has le="+Inf"', "_bucket"),
        ({"latency": buckets("100", "250", "5000")}, "seconds cannot be its unit", "latency_unit"),
        ({"latency": buckets("0.1", "0.5")}, "no bucket ends at the limit of 250 ms",
         "Set `limit_ms` to 100 or 500"),
        ({"presence": (series(NOW - 600, times=(-280, -100)),)}, "newest sample is 100 s old",
         "is its server up"),
        ({"presence": (series(NOW - 600, times=(-130, -70, -10)),)}, "scraped each 60 s",
         "`scrape_seconds`"),
    ],
)  # fmt: skip
def test_each_refusal_has_its_reason_and_its_remedy(changes, words, remedy):
    (line,) = [one for one in told(good(**changes)) if words in one]
    assert remedy.lower() in line.lower()


def test_milliseconds_need_their_own_bounds():
    options = configured({
        "kind": "prometheus",
        "url": "http://p:9090",
        "templates": {
            "presence": "up", "requests": "hits", "latency": "took_bucket", "predictions": "said",
            "latency_unit": "milliseconds",
        },
    })  # fmt: skip
    facts = good(options.selectors(), latency=buckets("100", "250"))
    assert told(facts, options=options) == []
    facts = good(options.selectors(), latency=buckets("0.1", "0.25"))
    assert any("milliseconds cannot be its unit" in line for line in told(facts, options=options))


def test_the_unit_in_a_name_counts():
    options = configured({
        "kind": "prometheus",
        "url": "http://p:9090",
        "templates": {
            "presence": "up", "requests": "hits", "latency": "took_ms_bucket", "predictions": "said"
        },
    })  # fmt: skip
    facts = good(options.selectors(), latency=buckets("0.1", "0.25"))
    assert any("not in seconds, by its name" in line for line in told(facts, options=options))


@pytest.mark.parametrize("unit", ["milliseconds", "seconds"])
def test_the_unit_that_a_server_says_counts(unit):
    facts = described(good(), "latency", "histogram", unit)
    assert any("its unit" in line for line in told(facts)) is (unit == "milliseconds")


def test_a_gauge_is_refused():
    facts = described(good(), "requests", "gauge")
    assert any("is a gauge. Select a counter" in line for line in told(facts))


def test_clocks_that_differ():
    assert any("+30 s off ours" in line for line in told(replace(good(), clock=NOW - 30)))


def test_an_outage_is_told_alone():
    assert told(replace(good(), outage="metrics down: no answer", remedy="Wait")) == [
        "v1 of loans: metrics down: no answer. Wait"
    ]


def test_a_signal_that_nobody_tells_of():
    options = configured({
        "kind": "prometheus", "url": "http://p:9090",
        "templates": {"presence": "up", "requests": "hits"},
    })  # fmt: skip
    found = tuple(
        replace(one, selector=None, series=()) if one.signal in {"latency", "predictions"} else one
        for one in good().found
    )
    facts = replace(good(), templates=options.selectors(), found=found)
    assert [line.split(":")[0] for line in told(facts, options=options)] == [
        "evidence.templates.latency", "evidence.templates.predictions",
    ]  # fmt: skip
    alone = told(facts, Needs(limit_ms=250, compares=False), options)
    assert [line.split(":")[0] for line in alone] == ["evidence.templates.latency"]


class TestPlans:
    def test_what_metrics_cannot_do(self):
        told = [str(one) for one in unable(Needs(250, labels=True, mirrors=True))]
        assert ["required: false" in told[0], "shadow stage out" in told[1]] == [True, True]
        assert not list(unable(NEEDS))

    def test_needs_are_those_of_the_plan(self):
        plan = plans.plan("canary", 5, 100, shadow=True)
        assert needs_of(plan) == Needs(250, compares=True, labels=False, mirrors=True)
        quality = QualityLimits(loss="error", margin=0.1)
        judged = plan.model_copy(
            update={"signals": plan.signals.model_copy(update={"quality": quality})}
        )
        assert needs_of(judged).labels

    def test_a_first_release_compares_nothing(self):
        assert not needs_of(plans.plan("first", 100)).compares

    def test_a_stage_with_all_requests_compares_nothing(self):
        stages = (plans.stage(100),)
        assert not needs_of(plans.plan("canary").model_copy(update={"stages": stages})).compares


class TestAsking:
    """The fake Prometheus has buckets at 0.1 and 2.0 seconds."""

    def ask(self, scene, **options):
        told = {"kind": "prometheus", "url": scene.prometheus.url, "scrape_seconds": 5}
        phase = scene.phases.phases[3]
        return [
            str(one)
            for one in asyncio.run(preflight(configured({**told, **options}), phase, Needs(100)))
        ]

    def test_all_is_there(self, scene):
        scene.prometheus.described = {
            "airworthy_model_requests_total": [{"type": "counter", "help": "", "unit": ""}],
            "airworthy_model_request_seconds": [{"type": "histogram", "help": "", "unit": ""}],
        }
        scene.prometheus.scrape()
        assert self.ask(scene) == []

    def test_one_variant_is_not_scraped(self, scene):
        scene.prometheus.targets.remove(scene.canary)
        scene.prometheus.scrape()
        told = self.ask(scene)
        assert len(told) == 4
        assert all(line.startswith("v2 of loans") and "no series" in line for line in told)

    def test_a_type_that_is_said_is_read(self, scene):
        scene.prometheus.described = {
            "airworthy_model_requests_total": [{"type": "gauge", "help": "", "unit": ""}]
        }
        scene.prometheus.scrape()
        assert len(self.ask(scene)) == 2
        assert "is a gauge" in self.ask(scene)[0]

    def test_it_is_down(self, scene):
        scene.prometheus.close()
        assert all("metrics down" in line for line in self.ask(scene))
        assert len(self.ask(scene)) == 2

    def test_nothing_is_live_yet(self, scene):
        scene.phases.phases[3] = Phase("loans", 3, NOW, ())
        assert self.ask(scene) == []
        scene.prometheus.ahead = 60
        (skewed,) = self.ask(scene)
        assert "+60 s off ours" in skewed
        scene.prometheus.close()
        (down,) = self.ask(scene)
        assert "metrics down" in down

    def test_servers_themselves(self):
        server = ExposingServer()
        server.counters = [Counters("loans", "1.0.0")]
        server.counters[0].answer(3)
        arm = Arm("v1", "1.0.0", 100, addresses=(server.url,))
        options, phase = configured({"kind": "pods"}), Phase("loans", 1, NOW, (arm,))
        assert asyncio.run(preflight(options, phase, Needs(100))) == ()
        (refusal,) = asyncio.run(preflight(options, phase, NEEDS))
        assert "no bucket ends at the limit of 250 ms" in str(refusal)
        server.close()
        (refusal,) = asyncio.run(preflight(options, phase, NEEDS))
        assert "metrics down" in str(refusal)
