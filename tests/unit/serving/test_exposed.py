"""What a model server counts of itself."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from include.evidence.tally import LATENCY_BOUNDS, WARM_UP, latency_bin, output_bin
from include.serving.exposed import ROWS, Counting, Exposed
from include.serving.prometheus import exposition
from include.serving.prometheus.growth import Growth
from include.serving.prometheus.phases import Arm, Phase
from include.serving.prometheus.tallies import tally
from include.serving.prometheus.templates import MODEL_SERVER

SINCE = 1_000_000_000.0
ARM = Arm("v1", "1.0.0", 100)
FILLED = MODEL_SERVER.filled(Phase("toy", 1, SINCE, (ARM,)), ARM)


def told(exposed):
    """Return the tally of everything since the server began, through the text it shows."""
    registry = CollectorRegistry()
    registry.register(exposed)
    text = generate_latest(registry).decode()
    growth = Growth(SINCE, (exposition.PROCESS,), "toy")
    growth.fold(exposition.read(text, FILLED, 4e9, "here"))
    return tally(ARM, growth, MODEL_SERVER)


def share(**more):
    return Exposed("toy", "1.0.0", is_share=True, **more)


def test_before_the_first_request_the_series_are_there():
    exposed = share()
    registry = CollectorRegistry()
    registry.register(exposed)
    assert b'airworthy_model_requests_total{code="200",model="toy",version="1.0.0"} 0.0' in (
        generate_latest(registry)
    )
    assert told(exposed) is None


def test_statuses_are_told_apart():
    exposed = share()
    for status, count in {200: 5, 404: 3, 500: 2, 503: 1}.items():
        for _ in range(count):
            exposed.answered(status, 0.01)
    found = told(exposed)
    assert (found.requests, found.errors, found.refused) == (8, 3, 3)


@pytest.mark.parametrize("milliseconds", [0.2, 1.0, 1.1, 1.11, 20.0, *LATENCY_BOUNDS, 99_999.0])
def test_times_fall_into_the_bins_of_the_router(milliseconds):
    exposed = share()
    for _ in range(WARM_UP):
        exposed.answered(200, 5.0)
    exposed.answered(200, milliseconds / 1000)
    latency = told(exposed).latency
    # Seconds and back lose the last digit of some bounds.
    near = {latency_bin(milliseconds), latency_bin(milliseconds / 1000 * 1000)}
    assert next(place for place, count in enumerate(latency) if count) in near
    assert sum(latency) == 1


def test_failed_answers_are_not_timed():
    exposed = share()
    for _ in range(2 * WARM_UP):
        exposed.answered(500, 0.01)
    assert sum(told(exposed).latency) == 0


@pytest.mark.parametrize("value", [0.0, 0.004, 0.02, 0.5, 0.731, 1.0])
def test_probabilities_are_counted_next_to_where_the_router_counts_them(value):
    exposed = share()
    exposed.answered(200, 0.01)
    exposed.predicted([value])
    ((place, count),) = told(exposed).outputs
    assert count == 1
    assert 0 <= place - output_bin(value) <= 1


@pytest.mark.parametrize("value", [-1e9, -5000.0, -1.0, 0.0, 3.7, 250.0, 1e9])
def test_numbers_are_counted_within_ten_percent(value):
    exposed = Exposed("toy", "1.0.0", is_share=False)
    exposed.answered(200, 0.01)
    exposed.predicted([value])
    ((place, _),) = told(exposed).outputs
    assert 0 <= place - output_bin(value) <= 5


def test_a_batch_does_not_count_without_end():
    exposed = share()
    exposed.answered(200, 0.01)
    exposed.predicted([0.5] * (ROWS + 1))
    assert sum(count for _, count in told(exposed).outputs) == ROWS


class TestCounting:
    def ask(self, exposed, path, app):
        async def nothing(*_):
            return {}

        scope = {"type": "http", "path": path}
        asyncio.run(Counting(app, exposed=exposed)(scope, nothing, nothing))

    @staticmethod
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 503})
        await send({"type": "http.response.body"})

    @pytest.mark.parametrize(
        ("path", "counts"),
        [
            ("/v2/models/toy/infer", 1),
            ("/v2/models/toy/versions/1.0.0/infer", 1),
            ("/v1/models/toy:predict", 1),
            ("/v2/models/toy", 0),
            ("/metrics", 0),
        ],
    )
    def test_predictions_are_counted(self, path, counts):
        exposed = share()
        self.ask(exposed, path, self.app)
        found = told(exposed)
        assert (found.errors if found else 0) == counts

    def test_what_breaks_is_an_error(self):
        async def broken(scope, receive, send):
            raise ValueError("bug")

        exposed = share()
        with pytest.raises(ValueError, match="bug"):
            self.ask(exposed, "/v2/models/toy/infer", broken)
        assert told(exposed).errors == 1
