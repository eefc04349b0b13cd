"""What an installation may say, and what is told where it says something else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from include.errors import BadInput
from include.serving.prometheus.building import source
from include.serving.prometheus.configuration import configured
from include.serving.prometheus.pods import PodsSource
from include.serving.prometheus.source import PrometheusSource
from tests.support.fake_prometheus import Phased

ADDRESS = {"kind": "prometheus", "url": "http://prometheus:9090"}
OWN = {"presence": "up", "requests": 'hits{v="$version"}'}


def test_the_kind_chooses_the_source():
    phases = Phased("loans")
    assert isinstance(source(configured(ADDRESS), phases), PrometheusSource)
    assert isinstance(source(configured({"kind": "pods"}), phases), PodsSource)


def test_our_own_metrics_are_the_default():
    requests = configured(ADDRESS).selectors().requests
    assert str(requests) == ('airworthy_model_requests_total{model="$model",version="$version"}')


def test_further_matchers_hold_for_every_series():
    options = configured({**ADDRESS, "matchers": 'namespace="$namespace",cluster!="b"'})
    selectors = options.selectors()
    for one in (selectors.presence, selectors.requests, selectors.latency, selectors.predictions):
        assert str(one).endswith('namespace="$namespace",cluster!="b"}')


def test_own_templates():
    options = configured({**ADDRESS, "templates": {**OWN, "errors": "bad", "code": "status"}})
    selectors = options.selectors()
    assert (str(selectors.errors), selectors.code, selectors.latency) == ("bad{}", "status", None)


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (None, "valid"),
        ({}, "kind"),
        ({"kind": "statsd"}, "statsd"),
        ({"kind": "prometheus"}, "url"),
        ({**ADDRESS, "url": "file:///etc/passwd"}, "url"),
        ({**ADDRESS, "url": "http://p:9090?x=1"}, "url"),
        ({**ADDRESS, "scrape_seconds": 0}, "scrape_seconds"),
        ({**ADDRESS, "interval": 5}, "interval"),
        ({**ADDRESS, "templates": "datadog"}, "templates"),
        ({**ADDRESS, "templates": {**OWN, "requests": "rate(hits[5m])"}}, "no plain selector"),
        ({**ADDRESS, "templates": {**OWN, "requests": 'hits{v="$revision"}'}}, r"\$revision"),
        ({**ADDRESS, "matchers": "namespace=prod"}, "no matchers"),
        ({**ADDRESS, "matchers": 'a="$job"'}, r"\$job"),
        ({"kind": "pods", "path": "metrics"}, "path"),
    ],
)
def test_what_is_wrong_is_told(extra, told):
    with pytest.raises(BadInput, match=told) as error:
        configured(extra)
    assert "evidence" in str(error.value)


def test_a_token_is_told_to_nobody():
    with pytest.raises(BadInput) as error:
        configured({**ADDRESS, "token": "s3cr3t", "url": "s3cr3t"})
    assert "s3cr3t" not in str(error.value)
    assert "s3cr3t" not in repr(configured({**ADDRESS, "token": "s3cr3t"}))


def test_every_example_of_the_page_is_a_configuration():
    page = (Path(__file__).parents[4] / "docs/reference/metrics.md").read_text(encoding="utf-8")
    examples = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        assert configured(json.loads(example)).selectors().requests
