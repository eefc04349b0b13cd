from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import Conflict, FencedOut
from include.serving.endpoint import Endpoint
from include.serving.fencing import admit

FIRST = Endpoint("loans", "loans", 3, "rollout-1", 7, ())


def test_the_first_state_is_admitted() -> None:
    assert admit(None, FIRST)


def test_the_same_again_changes_nothing() -> None:
    assert not admit(FIRST, FIRST)


def test_an_older_token_is_fenced_out() -> None:
    with pytest.raises(FencedOut, match=r"token 6 is older than 7.*rollout-1"):
        admit(FIRST, replace(FIRST, fencing_token=6, revision=99))


def test_an_older_revision_is_refused() -> None:
    with pytest.raises(Conflict, match="revision 2 is older than 3"):
        admit(FIRST, replace(FIRST, revision=2))


def test_a_revision_has_one_content() -> None:
    with pytest.raises(Conflict, match="taken by another content") as caught:
        admit(FIRST, replace(FIRST, owner="rollout-2"))
    assert not isinstance(caught.value, FencedOut)


states = st.builds(
    Endpoint,
    st.just("loans"),
    st.just("loans"),
    st.integers(0, 4),
    st.sampled_from(["a", "b"]),
    st.integers(0, 4),
    st.just(()),
)


@given(st.lists(states, max_size=30))
def test_whatever_is_tried_token_and_revision_only_rise(tries: list[Endpoint]) -> None:
    present: Endpoint | None = None
    for wanted in tries:
        before = present
        try:
            if admit(present, wanted):
                present = wanted
        except Conflict:
            assert present == before
            continue
        assert present == wanted
        if before is not None:
            key = (before.fencing_token, before.revision)
            assert key <= (wanted.fencing_token, wanted.revision) or (
                wanted.fencing_token > before.fencing_token
            )
