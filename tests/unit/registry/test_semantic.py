from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.client.messages.base import RunRef
from include.client.messages.registry import MetricValue, RegisterVersion, Version
from include.errors import BadInput
from include.registry.announcing import announcement
from include.registry.semantic import FIRST, Semantic, following, has_moved, parse

SIGNATURES = (
    '{"inputs":[{"name":"a","type":"number"}],"outputs":[{"type":"number"}]}',
    '{"inputs":[{"name":"a","type":"number"},{"name":"b","type":"number","required":false}],'
    '"outputs":[{"type":"number"}]}',
    '{"inputs":[{"name":"a","type":"text"}],"outputs":[{"type":"number"}]}',
    "no json",
)


def metric(value: float, lower: float | None = None, upper: float | None = None) -> MetricValue:
    return MetricValue(name="auc", value=value, lower=lower, upper=upper)


def candidate(**changes: Any) -> RegisterVersion:
    return RegisterVersion.model_validate({
        "model": "ames",
        "package_uri": "file:///p",
        "package_digest": "p",
        "model_digest": "m",
        "signature": SIGNATURES[0],
        "dataset_digest": "d",
        "spec_digest": "s",
        "spec_uri": "file:///s",
        "metrics": (metric(0.8, 0.75, 0.85),),
        "gates": (),
        "run": RunRef(dag_id="ames_train", run_id="r"),
        "release_policy": "auto",
        **changes,
    })


def registered(number: str = "1.2.3", **changes: Any) -> Version:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    given = candidate(**changes).model_dump(exclude={"override_id"})
    return Version(**given, version=number, registered_at=at)


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({}, "1.2.4"),
        ({"dataset_digest": "d2", "model_digest": "m2"}, "1.2.4"),
        ({"metrics": (metric(0.82, 0.8, 0.9),)}, "1.2.4"),
        ({"metrics": (metric(0.95, 0.9, 0.99),)}, "1.3.0"),
        ({"metrics": (metric(0.6, 0.5, 0.7),)}, "1.3.0"),
        ({"metrics": ()}, "1.3.0"),
        ({"metrics": (MetricValue(name="rmse", value=0.8),)}, "1.3.0"),
        ({"spec_digest": "s2"}, "1.3.0"),
        ({"signature": SIGNATURES[1]}, "1.3.0"),
        ({"signature": SIGNATURES[2]}, "2.0.0"),
        ({"signature": SIGNATURES[3], "spec_digest": "s2"}, "2.0.0"),
    ],
)
def test_what_changed_decides_the_number(changes: dict[str, Any], number: str) -> None:
    assert str(following(registered(), candidate(**changes))) == number


def test_the_first_version() -> None:
    assert following(None, candidate()) == FIRST == parse("1.0.0")


def test_a_metric_without_interval_moves_with_its_value() -> None:
    assert not has_moved((metric(0.8),), (metric(0.8),))
    assert has_moved((metric(0.8),), (metric(0.8001),))
    assert not has_moved((metric(0.8, 0.7, 0.9),), (metric(0.71),))
    assert not has_moved((), ())


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.0", "v1.0.0", "1.0.0 ", "1.0.0\n", "01.0.0", "1.0.-1", "1.0.0.0", "\u0661.0.0"],
)
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(BadInput):
        parse(text)


@given(st.tuples(*[st.integers(0, 10**8)] * 3))
def test_a_number_reads_back(parts: tuple[int, int, int]) -> None:
    assert parse(str(Semantic(*parts))) == Semantic(*parts)


CHANGES = st.fixed_dictionaries({
    "signature": st.sampled_from(SIGNATURES),
    "spec_digest": st.sampled_from(["s", "s2"]),
    "dataset_digest": st.text(max_size=3),
    "metrics": st.lists(
        st.floats(0, 1).map(lambda v: metric(v, v - 0.01, v + 0.01)), max_size=2
    ).map(tuple),
})


@given(st.lists(CHANGES, min_size=1, max_size=20))
def test_numbers_only_grow_and_by_one_step(history: list[dict[str, Any]]) -> None:
    newest: Version | None = None
    for changes in history:
        number = following(newest, candidate(**changes))
        if newest is not None:
            before = parse(newest.version)
            assert number > before
            assert number in {before.next_major(), before.next_minor(), before.next_patch()}
        newest = registered(str(number), **changes)


def test_only_an_automatic_release_is_announced() -> None:
    told = announcement(registered())
    assert told is not None
    assert told.asset_name == "airworthy_registered_ames"
    assert told.asset_uri == "x-airworthy://models/ames/registered"
    assert told.model_dump() == {"model": "ames", "version": "1.2.3", "package_digest": "p"}
    assert announcement(registered(release_policy="manual")) is None
