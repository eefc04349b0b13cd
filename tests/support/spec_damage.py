"""What Hypothesis puts in the place of a line of a spec."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.spec_bundle import FRAGMENTS

PLACES = st.integers(0, 24)
INDENTS = st.integers(0, 4).map(lambda count: " " * count)
LINES = st.lists(
    st.one_of(st.sampled_from(FRAGMENTS), st.text(st.characters(codec="utf-8"), max_size=3)),
    max_size=6,
).map("".join)
