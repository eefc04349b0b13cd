from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from include.serving.choice import Samples, Share, Turns, sticky

weights = st.lists(st.integers(0, 100), min_size=1, max_size=5).filter(lambda w: sum(w) > 0)

splits = st.lists(st.integers(0, 100), min_size=1, max_size=3).map(
    lambda cuts: [b - a for a, b in itertools.pairwise([0, *sorted(cuts), 100])]
)


def shares(given: list[int]) -> list[Share]:
    return [Share(f"v{number}", weight) for number, weight in enumerate(given)]


@given(weights)
def test_turns_are_exact_over_one_round(given: list[int]) -> None:
    turns = Turns()
    taken = Counter(turns.take(shares(given)) for _ in range(sum(given)))
    assert taken == Counter({f"v{n}": weight for n, weight in enumerate(given) if weight})


@given(weights, st.integers(1, 300))
def test_no_prefix_of_the_turns_is_off_by_more_than_the_number_of_variants(
    given: list[int], requests: int
) -> None:
    turns, total = Turns(), sum(given)
    taken = Counter(turns.take(shares(given)) for _ in range(requests))
    for share in shares(given):
        assert abs(taken[share.name] - requests * share.weight / total) <= len(given)


@given(splits, st.integers(0, 250))
def test_any_hundred_requests_in_a_row_are_exact(given: list[int], begin: int) -> None:
    turns = Turns()
    taken = [turns.take(shares(given)) for _ in range(begin + 100)]
    window = Counter(taken[begin:])
    assert window == Counter({f"v{n}": weight for n, weight in enumerate(given) if weight})


@given(st.lists(st.integers(0, 100), min_size=1, max_size=3), st.integers(0, 250))
def test_any_hundred_requests_give_each_shadow_its_percent(given: list[int], begin: int) -> None:
    samples = Samples()
    taken = [samples.take(shares(given)) for _ in range(begin + 100)]
    copies = Counter(name for names in taken[begin:] for name in names)
    assert copies == Counter({f"v{n}": percent for n, percent in enumerate(given) if percent})


@given(st.data(), splits)
def test_a_unit_moves_only_because_its_variant_shrinks_or_another_grows(
    data: st.DataObject, before: list[int]
) -> None:
    after = data.draw(splits.filter(lambda given: len(given) == len(before)))
    grown = {f"v{n}": b - a for n, (a, b) in enumerate(zip(before, after, strict=True))}
    for unit in range(20):
        one, other = (sticky("loans", f"unit-{unit}", shares(of)) for of in (before, after))
        if one != other:
            assert not grown[one] >= 0 >= grown[other]
            if len(before) == 2:
                assert grown[one] < 0 < grown[other]


def test_five_percent_never_comes_twice_in_a_row() -> None:
    turns = Turns()
    taken = [turns.take([Share("stable", 95), Share("candidate", 5)]) for _ in range(200)]
    places = [n for n, name in enumerate(taken) if name == "candidate"]
    assert len(places) == 10
    assert {b - a for a, b in itertools.pairwise(places)} == {20}


@given(st.text(max_size=40), weights)
def test_a_unit_keeps_its_variant_and_weight_zero_gets_nobody(unit: str, given: list[int]) -> None:
    first = sticky("loans", unit, shares(given))
    assert sticky("loans", unit, shares(given)) == first
    assert given[int(first[1:])] > 0


@given(st.text(max_size=40), st.integers(0, 99), st.integers(1, 100))
def test_a_growing_candidate_only_wins_units(unit: str, before: int, more: int) -> None:
    after = min(100, before + more)

    def variant(weight: int) -> str:
        pair = [Share("stable", 100 - weight), Share("candidate", weight)]
        return sticky("loans", unit, pair)

    if variant(before) == "candidate":
        assert variant(after) == "candidate"


def test_units_spread_by_weight() -> None:
    pair = [Share("stable", 75), Share("candidate", 25)]
    taken = Counter(sticky("loans", f"unit-{n}", pair) for n in range(20_000))
    assert abs(taken["candidate"] / 20_000 - 0.25) < 0.012  # four standard errors


def test_endpoints_split_their_units_independently() -> None:
    pair = [Share("stable", 50), Share("candidate", 50)]
    units = [f"unit-{n}" for n in range(2000)]
    same = sum(sticky("loans", u, pair) == sticky("bikes", u, pair) for u in units)
    assert 880 < same < 1120
