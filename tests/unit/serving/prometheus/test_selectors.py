"""Selectors: what is one, how variables are filled in, what they match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.errors import BadInput
from include.serving.prometheus.phases import Arm, Phase
from include.serving.prometheus.selectors import matchers, parse
from include.serving.prometheus.templates import KNOWN

PHASE = Phase("loans", 3, 0.0, (), namespace="prod")


def filled(text, **arm):
    return parse(text).filled(PHASE, Arm("v1", arm.pop("version", "1.0.0"), 100, **arm))


def test_variables_are_filled_in():
    text = 'm{a="$endpoint",b="$namespace/$variant",c="$version",d="$service"}'
    assert str(filled(text, service="loans-v1")) == (
        'm{a="loans",b="prod/v1",c="1.0.0",d="loans-v1"}'
    )


def test_a_name_alone_selects_too():
    assert str(parse(" up ")) == "up{}"
    assert parse("up").matches("up", (("job", "x"),))


def test_a_value_in_a_pattern_stands_for_itself():
    selector = filled('m{a=~"$version-.*"}', version="1.0.0")
    assert selector.matches("m", (("a", "1.0.0-x"),))
    assert not selector.matches("m", (("a", "1x0x0-x"),))


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="$"), max_size=20))
def test_no_value_can_leave_its_quotes(value):
    selector = filled('m{a="$version",b=~"$version"}', version=value)
    assert parse(str(selector)) == selector
    assert selector.matches("m", (("a", value), ("b", value)))


@pytest.mark.parametrize(
    "text",
    [
        "rate(m[5m])", 'm{a="b"}[5m]', "m + n", 'm{a="b"', "m{a=b}", "sum by (x) (m)", "", "1",
        'm{a="b"} offset 5m', 'm{a="b"} or vector(0)',
    ],
)  # fmt: skip
def test_an_expression_is_no_selector(text):
    with pytest.raises(BadInput, match="no plain selector"):
        parse(text)


def test_an_unknown_variable_is_told():
    with pytest.raises(BadInput, match=r"\$pod"):
        parse('m{a="$pod"}')


def test_a_broken_pattern_is_told():
    with pytest.raises(BadInput, match="pattern of a"):
        parse('m{a=~"("}')


@pytest.mark.parametrize("text", ["nonsense", 'a="b" c', "{}"])
def test_further_matchers_are_matchers(text):
    with pytest.raises(BadInput):
        matchers(text)


@pytest.mark.parametrize(
    ("matcher", "value", "matches"),
    [
        ('a="x"', "x", True), ('a="x"', "y", False), ('a!="x"', "y", True), ('a!="x"', "x", False),
        ('a=~"x.*"', "xy", True), ('a=~"x"', "xy", False), ('a!~"x.*"', "xy", False),
        ('a=""', "", True),
    ],
)  # fmt: skip
def test_matching_is_that_of_promql(matcher, value, matches):
    assert parse(f"m{{{matcher}}}").matches("m", (("a", value),)) is matches


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_templates_that_are_known_select_one_variant(name):
    templates = KNOWN[name].filled(PHASE, Arm("v1", "1.0.0", 100, service="loans-v1-predictor"))
    other = KNOWN[name].filled(PHASE, Arm("v2", "2.0.0", 0, service="loans-v2-predictor"))
    for one, another in ((templates.requests, other.requests), (templates.latency, other.latency)):
        assert one != another
        assert not re.search(r"\$", str(one))
