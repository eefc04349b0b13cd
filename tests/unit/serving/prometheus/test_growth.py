"""Counts since a phase began: baselines, resets, restarts, holes."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.errors import MetricsUnavailable
from include.serving.prometheus.growth import Growth
from include.serving.prometheus.series import Scraped, Series

SINCE = 2_000_000_000.0
OLD, LATER = SINCE - 500, SINCE + 17


def series(samples, **labels):
    named = {"instance": "a", **labels}
    return Series(tuple(sorted(named.items())), tuple(samples))


def at(*seconds):
    return [SINCE + second for second in seconds]


def presence(times, began=OLD, **labels):
    return series([(time, began) for time in times], **labels)


def grown(*scraped):
    growth = Growth(SINCE, ("instance",), "v1 of loans")
    for one in scraped:
        growth.fold(one)
    return growth


def total(growth, signal="requests"):
    return sum(count for counted in growth.totals(signal) for _, count in counted)


def counted(times, values, began=OLD, **labels):
    """Return one process with one counter, scraped at times."""
    samples = zip(times, values, strict=True)
    return Scraped((presence(times, began),), (series(samples, code="200", **labels),))


def test_what_was_counted_before_the_phase_is_not_its_own():
    assert total(grown(counted(at(-20, -5, 10, 25), [5, 80, 100, 130]))) == 30


def test_the_first_scrape_in_the_phase_is_where_counting_begins():
    assert total(grown(counted(at(10), [100]))) == 0


def test_a_process_that_began_in_the_phase_is_counted_whole():
    assert total(grown(counted(at(20, 35), [7, 9], began=LATER))) == 9


def test_a_status_that_comes_up_later_is_counted_from_zero():
    times = at(0, 15, 30)
    requests = (
        series(zip(times, [50, 60, 70], strict=True), code="200"),
        series([(times[2], 4)], code="500"),
    )
    assert total(grown(Scraped((presence(times),), requests))) == 24


def test_a_counter_that_falls_began_anew():
    growth = grown(counted(at(0, 15, 30, 45), [100, 110, 3, 5]))
    assert total(growth) == 15


def test_a_process_that_took_anothers_place_is_counted_whole_though_its_count_is_larger():
    times = at(0, 15, 30)
    began = Series((("instance", "a"),), ((times[0], OLD), (times[1], OLD), (times[2], LATER)))
    requests = series(zip(times, [100, 110, 140], strict=True), code="200")
    growth = grown(Scraped((began,), (requests,)))
    assert total(growth) == 10 + 140
    assert growth.interruptions == 1


def test_a_process_that_is_no_more_keeps_its_count():
    growth = grown(counted(at(0, 15), [100, 130]))
    growth.fold(Scraped((presence(at(30, 45), LATER, instance="b"),), ()))
    assert total(growth) == 30


def test_processes_add_up():
    times = at(0, 15)
    two = [
        (presence(times, instance=name), series(zip(times, [0, 10], strict=True), instance=name))
        for name in ("a", "b", "c")
    ]
    growth = grown(Scraped(tuple(one for one, _ in two), tuple(other for _, other in two)))
    assert total(growth) == 30


def test_looking_again_changes_nothing():
    scraped = counted(at(0, 15, 30), [1, 5, 2])
    assert total(grown(scraped, scraped, scraped)) == total(grown(scraped)) == 6


def test_a_scrape_that_presence_has_not_shown_yet_waits():
    times = at(0, 15)
    scraped = counted(times, [0, 10])
    early = series([*scraped.requests[0].samples, (SINCE + 30, 25)], code="200")
    growth = grown(Scraped(scraped.presence, (early,)))
    assert total(growth) == 10
    growth.fold(Scraped((presence(at(0, 15, 30)),), (early,)))
    assert total(growth) == 25


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 50), min_size=2, max_size=30),
    st.sets(st.integers(1, 29)),
    st.integers(1, 29),
)
def test_resets_and_the_size_of_looks_change_no_count(grows, resets, step):
    values, value = [], 0
    for place, more in enumerate(grows):
        value = more if place in resets else value + more
        values.append(value)
    # A counter that begins anew above where it was cannot be told from one that went on.
    seen = [b - a if b >= a else b for a, b in pairwise(values)]
    times = at(*range(len(values)))
    growth = Growth(SINCE, ("instance",), "v1")
    for end in [*range(step, len(values), step), len(values)]:
        growth.fold(counted(times[:end], values[:end]))
    assert total(growth) == sum(seen)


def test_a_hole_is_bridged():
    assert total(grown(counted(at(0, 15, 30), [10, math.nan, 25]))) == 15


def test_the_newest_sample_is_no_number():
    with pytest.raises(MetricsUnavailable, match="no number") as error:
        grown(counted(at(0, 15), [10, math.nan]))
    assert error.value.condition == "nan"


@pytest.mark.parametrize("value", [0.5, -1, math.inf])
def test_a_rate_is_no_count(value):
    with pytest.raises(MetricsUnavailable, match="no count") as error:
        grown(counted(at(0, 15), [0, value]))
    assert error.value.condition == "malformed"


def test_one_process_scraped_twice_is_told():
    times = at(0, 15)
    twice = (presence(times, job="a"), presence(times, job="b"))
    with pytest.raises(MetricsUnavailable, match="scraped twice") as error:
        grown(Scraped(twice))
    assert error.value.condition == "malformed"


def test_counters_of_processes_that_presence_does_not_know_are_told():
    times = at(0, 15)
    foreign = series(zip(times, [0, 10], strict=True), instance="gateway")
    with pytest.raises(MetricsUnavailable, match="no process that `presence` knows"):
        grown(Scraped((presence(times),), (foreign,)))
