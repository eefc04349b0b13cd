"""The servers' own metrics as a source: several processes, some away, and a restart of ours."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from include.errors import MetricsUnavailable, StoreUnavailable
from include.serving.prometheus.building import source
from include.serving.prometheus.configuration import configured
from include.serving.prometheus.phases import Arm, Phase
from include.serving.prometheus.pods import PodsSource
from tests.support.exposing_server import ExposingServer
from tests.support.fake_prometheus import Counters, Phased
from tests.support.serving_daemon import free_port


class Scene:
    """One variant, whose servers are two processes."""

    def __init__(self, notes=""):
        self.servers = [ExposingServer(), ExposingServer()]
        self.counters = [Counters("loans", "1.0.0", began=time.time() - 60 + n) for n in (0, 1)]
        for server, counters in zip(self.servers, self.counters, strict=True):
            server.counters = [counters]
        self.phases = Phased("loans")
        self.notes = notes
        self.begin(*(server.url for server in self.servers))
        self.source = self.another()

    def begin(self, *addresses, weight=100):
        arms = (Arm("v1", "1.0.0", weight, addresses=addresses),)
        since = self.phases.phases[1].since if self.phases.phases else time.time()
        self.phases.phases[1] = Phase("loans", 1, since, arms)

    def another(self):
        return source(configured({"kind": "pods", "notes": self.notes}), self.phases)

    def evidence(self):
        return asyncio.run(self.source.evidence("loans", 1))

    def requests(self):
        tallies = self.evidence().tallies
        return tallies[0].requests if tallies else 0

    def condition(self):
        with pytest.raises(MetricsUnavailable) as error:
            self.evidence()
        return error.value.condition

    def close(self):
        for server in self.servers:
            server.close()


@pytest.fixture
def scene(tmp_path):
    scene = Scene(f"file://{tmp_path}/notes")
    yield scene
    scene.close()


def test_processes_add_up(scene):
    assert scene.requests() == 0
    for counters in scene.counters:
        counters.answer(4)
    scene.counters[0].answer(1, "500")
    (tally,) = scene.evidence().tallies
    assert (tally.requests, tally.errors) == (9, 1)


def test_one_that_is_away_keeps_its_count(scene):
    scene.requests()
    scene.counters[0].answer(4)
    scene.requests()
    scene.servers[0].close()
    scene.counters[1].answer(3)
    assert scene.requests() == 7


def test_all_are_away(scene):
    scene.begin(f"http://127.0.0.1:{free_port()}")
    assert scene.condition() == "down"


def test_an_answer_that_is_no_success(scene):
    for server in scene.servers:
        server.status = 503
    assert scene.condition() == "down"


def test_no_server_is_there(scene):
    scene.begin()
    assert scene.condition() == "empty"
    scene.begin(weight=0)
    assert scene.requests() == 0


def test_they_tell_of_another_version(scene):
    for counters in scene.counters:
        counters.version = "3.0.0"
    assert scene.condition() == "empty"


@pytest.mark.parametrize("text", ["<html>no</html>", "a{b=} 1", "m 1 2 3 4"])
def test_what_is_no_metrics(scene, text):
    for server in scene.servers:
        server.text = text
    assert scene.condition() in {"malformed", "empty"}


def test_the_newest_is_no_number(scene):
    scene.requests()
    scene.counters[0].codes["200"] = float("nan")
    assert scene.condition() == "nan"


def test_an_address_of_several_processes_mixes_none_of_them_up(scene):
    first, second = scene.counters
    first.answer(1000)
    scene.servers[0].counters = [first, second]
    scene.begin(scene.servers[0].url)
    scene.requests(), scene.requests()
    for _ in range(3):
        first.answer(1)
        second.answer(2)
        scene.requests(), scene.requests()
    assert scene.requests() == 9


def test_a_restart_of_ours_goes_on(scene):
    scene.requests()
    scene.counters[0].answer(4)
    scene.requests()
    scene.counters[0].answer(2)
    scene.source = scene.another()
    assert scene.requests() == 6


def test_without_notes_a_restart_of_ours_begins_anew(tmp_path):
    scene = Scene()
    scene.requests()
    scene.counters[0].answer(4)
    assert scene.requests() == 4
    scene.source = scene.another()
    assert scene.requests() == 0
    scene.close()


def test_notes_of_another_beginning_are_another_phases(scene):
    scene.requests()
    scene.counters[0].answer(4)
    scene.requests()
    scene.phases.phases[1] = replace(scene.phases.phases[1], since=time.time())
    scene.source = scene.another()
    assert scene.requests() == 0


def test_notes_that_are_damaged_begin_anew_and_say_so(scene, tmp_path):
    scene.requests()
    (note,) = [path for path in tmp_path.rglob("*.json") if path.is_file()]
    note.write_text("{")
    scene.source = scene.another()
    assert scene.evidence().interruptions == 1


class Away:
    """Notes in a store that does not answer."""

    def resume(self, phase, arm, growth):
        raise StoreUnavailable("away")

    keep = resume


def test_notes_that_cannot_be_read_are_no_zero(scene):
    scene.source = PodsSource(configured({"kind": "pods"}), scene.phases, Away())
    assert scene.condition() == "down"


def test_counts_that_cannot_be_noted_are_counts(scene):
    scene.requests()
    scene.source._notes = Away()
    scene.counters[0].answer(3)
    for server in scene.servers:
        server.counters.append(Counters("loans", "1.0.0", began=time.time()))
    scene.requests()
    assert scene.requests() == 3


def test_a_clock_that_is_put_back_loses_nothing(scene):
    ahead = 100.0
    scene.source._clock = lambda: time.time() + ahead
    scene.requests()
    scene.counters[0].answer(3)
    ahead = 0.0
    assert scene.requests() == 3
