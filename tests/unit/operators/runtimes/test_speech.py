from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.runtimes.speech import heard


def test_a_structured_line_reads_like_a_sentence_with_facts() -> None:
    said = heard('{"event": "fitted", "level": "info", "rows": 1591, "run": "r", "auc": 0.77}')
    assert (said.level, said.text) == (logging.INFO, "fitted rows=1591 auc=0.77")


@pytest.mark.parametrize("level", ["warning", "error", "critical", "debug"])
def test_its_level_is_kept(level: str) -> None:
    assert heard(f'{{"event": "e", "level": "{level}"}}').level == logging.getLevelName(
        level.upper()
    )


@pytest.mark.parametrize("line", ["Killed", "", "[1, 2]", '{"a": 1}', "{"])
def test_any_other_line_stays_as_it_is(line: str) -> None:
    assert heard(line).text == line


@given(st.text())
def test_no_line_can_break_the_log(line: str) -> None:
    assert isinstance(heard(line).text, str)
