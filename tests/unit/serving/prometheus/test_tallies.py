"""Growth as a tally: statuses, buckets of any server, answers that failed and were timed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from include.errors import MetricsUnavailable
from include.evidence.soundness import fault
from include.evidence.tally import Evidence, latency_bin, output_bin
from include.serving.prometheus import exposition
from include.serving.prometheus.growth import Growth
from include.serving.prometheus.phases import Arm, Phase
from include.serving.prometheus.selectors import parse
from include.serving.prometheus.series import Scraped, Series
from include.serving.prometheus.tallies import tally
from include.serving.prometheus.templates import MODEL_SERVER, TRAEFIK, Templates

SINCE = 2_000_000_000.0
ARM = Arm("v1", "1.0.0", 50, service="loans-vv1-predictor")
PLAIN = Templates(parse("up"), parse("hits"), latency=parse("took_bucket"))


def counted(value, **labels):
    named = {"instance": labels.pop("instance", "a"), **labels}
    return Series(tuple(sorted(named.items())), ((SINCE + 1, float(value)),))


def buckets(instance="a", **bounds):
    return tuple(
        counted(value, instance=instance, le=le.removeprefix("le").replace("_", "."))
        for le, value in bounds.items()
    )


def of(templates=PLAIN, instances=("a",), **signals):
    """Return the tally of processes that began with the phase."""
    presence = tuple(counted(SINCE + 0.5, instance=name) for name in instances)
    growth = Growth(SINCE, templates.target, "v1 of loans")
    growth.fold(Scraped(presence, **signals))
    found = tally(ARM, growth, templates)
    if found is not None:
        assert fault(Evidence("loans", 1, 1.0, (found,))) == ""
    return found


def malformed(**signals):
    with pytest.raises(MetricsUnavailable) as error:
        of(**signals)
    assert error.value.condition == "malformed"
    return str(error.value)


def by_place(found):
    return {place: count for place, count in enumerate(found.latency) if count}


def test_statuses_of_any_form():
    requests = (counted(5, code="200"), counted(1, code="3xx"), counted(2, code="404"),
                counted(3, code="5xx"), counted(1, code="0"))  # fmt: skip
    found = of(requests=requests)
    assert (found.requests, found.errors, found.refused) == (10, 4, 2)


def test_a_counter_of_errors_instead_of_statuses():
    templates = replace(PLAIN, errors=parse("bad"))
    found = of(templates, requests=(counted(10),), errors=(counted(4),))
    assert (found.requests, found.errors, found.refused) == (10, 4, 0)
    with pytest.raises(MetricsUnavailable, match="11 errors of 10 requests"):
        of(templates, requests=(counted(10),), errors=(counted(11),))


def test_seconds_and_milliseconds_are_the_same_time():
    requests = (counted(10, code="200"),)
    seconds = of(requests=requests, latency=buckets(le0_1=4, le1_5=9, **{"+Inf": 10}))
    templates = replace(PLAIN, unit="milliseconds")
    millis = of(templates, requests=requests, latency=buckets(le100=4, le1500=9, **{"+Inf": 10}))
    assert by_place(seconds) == {latency_bin(100): 4, latency_bin(1500): 5, 97: 1}
    assert seconds.latency == millis.latency


def test_servers_with_other_buckets_add_up():
    requests = (counted(10, code="200"), counted(10, code="200", instance="b"))
    latency = (*buckets(le0_1=10, **{"+Inf": 10}), *buckets("b", le0_2=10, **{"+Inf": 10}))
    found = of(instances=("a", "b"), requests=requests, latency=latency)
    assert by_place(found) == {latency_bin(100): 10, latency_bin(200): 10}


def test_failed_answers_that_are_timed_are_taken_for_the_slowest():
    requests = (counted(8, code="200"), counted(2, code="500"))
    found = of(requests=requests, latency=buckets(le0_1=9, le2_5=10, **{"+Inf": 10}))
    assert by_place(found) == {latency_bin(100): 8}


def test_more_timed_answers_than_requests_are_told():
    latency = buckets(le0_1=12, **{"+Inf": 12})
    told = malformed(requests=(counted(8, code="200"), counted(2, code="404")), latency=latency)
    assert "12 timed answers of 10 requests" in told


def test_buckets_that_fall_are_told():
    latency = buckets(le0_1=5, le1_5=4, **{"+Inf": 5})
    assert "fall at le=1.5" in malformed(requests=(counted(5, code="200"),), latency=latency)


@pytest.mark.parametrize("le", ["", "soon", "NaN"])
def test_a_bucket_without_a_bound_is_told(le):
    latency = (counted(5, le=le),)
    assert "has no bound" in malformed(requests=(counted(5, code="200"),), latency=latency)


def test_predictions_count_at_their_upper_bound():
    templates = replace(PLAIN, predictions=parse("said_bucket"))
    said = buckets(le0=1, le0_5=4, **{"+Inf": 5})
    found = of(templates, requests=(counted(5, code="200"),), predictions=said)
    assert found.outputs == ((0, 1), (output_bin(0.5), 3), (output_bin(float("inf")), 1))


def test_refused_requests_alone_are_a_tally_without_requests():
    found = of(requests=(counted(3, code="404"),))
    assert (found.requests, found.refused) == (0, 3)
    assert of(requests=(counted(0, code="200"),)) is None


# As Traefik 3.6 shows a backend of an HTTPRoute.
NAME = 'service="models-loans-vv1-predictor-http-80@kubernetesgateway"'
OTHER = 'service="models-loans-vv10-predictor-http-80@kubernetesgateway"'
TOOK = "traefik_service_request_duration_seconds_bucket"
OK, BAD = 'code="200",method="POST",protocol="http"', 'code="502",method="POST",protocol="http"'
TEXT = f"""
process_start_time_seconds{{job="traefik"}} 2000000000.5
traefik_service_requests_total{{{OK},{NAME}}} 40
traefik_service_requests_total{{{BAD},{NAME}}} 2
traefik_service_requests_total{{{OK},{OTHER}}} 500
{TOOK}{{{OK},{NAME},le="0.1"}} 30
{TOOK}{{{OK},{NAME},le="0.3"}} 40
{TOOK}{{{OK},{NAME},le="+Inf"}} 40
{TOOK}{{{BAD},{NAME},le="0.1"}} 2
{TOOK}{{{BAD},{NAME},le="0.3"}} 2
{TOOK}{{{BAD},{NAME},le="+Inf"}} 2
"""


def test_traefik():
    phase = Phase("loans", 1, SINCE, (ARM,), namespace="models")
    templates = replace(TRAEFIK.filled(phase, ARM), target=(exposition.PROCESS,))
    growth = Growth(SINCE, templates.target, "v1 of loans")
    growth.fold(exposition.read(TEXT, templates, SINCE + 1, "here"))
    found = tally(ARM, growth, templates)
    assert (found.requests, found.errors) == (42, 2)
    assert by_place(found) == {latency_bin(100): 30, latency_bin(300): 10}


def test_a_variant_is_not_taken_for_another():
    phase = Phase("loans", 1, SINCE, (ARM,), namespace="models")
    other = Arm("v10", "1.0.0-rc", 50)
    for one, another in ((ARM, other), (other, ARM)):
        selector = MODEL_SERVER.filled(phase, one).requests
        assert not selector.matches(
            "airworthy_model_requests_total", (("model", "loans"), ("version", another.version))
        )
