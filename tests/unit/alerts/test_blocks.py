from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from include.alerts.blocks import MAX_BLOCKS, MAX_HEADER, MAX_SECTION, cut, message
from include.alerts.stories import addressed, broken, refused, stopped
from include.client.messages.alerts import RaiseAlert
from include.client.messages.base import RunRef

RUN = RunRef(dag_id="m_train", run_id="manual__2026-01-01T00:00:00+00:00", task_id="gate")


def alert(title: str = "t", body: str = "b", link: str = "http://localhost/x") -> RaiseAlert:
    return RaiseAlert(
        fingerprint="f", severity="critical", title=title, body=body, model="m", link=link, run=RUN
    )


def texts(blocks: tuple[dict[str, object], ...]) -> str:
    sections = [b for b in blocks if b["type"] == "section"]
    return "".join(str(s["text"]["text"]) for s in sections)  # type: ignore[index]


def test_it_shows_headline_facts_body_and_link() -> None:
    shown = message(alert())
    assert [block["type"] for block in shown.blocks] == ["header", "context", "section", "actions"]
    assert shown.blocks[-1]["elements"][0]["url"] == "http://localhost/x"
    assert shown.text == "critical: t (m)"


def test_without_a_link_there_is_no_button() -> None:
    assert message(alert(link="")).blocks[-1]["type"] == "section"


def test_mark_up_in_the_body_is_shown_and_not_obeyed() -> None:
    assert "&lt;!channel&gt; &amp; co" in texts(message(alert(body="<!channel> & co")).blocks)


@given(st.text(max_size=20_000), st.text(max_size=400))
def test_slacks_limits_hold_for_every_text(body: str, title: str) -> None:
    shown = message(alert(title=title, body=body))
    assert len(shown.blocks) <= MAX_BLOCKS
    assert len(shown.blocks[0]["text"]["text"]) <= MAX_HEADER
    assert all(
        len(b["text"]["text"]) <= MAX_SECTION for b in shown.blocks if b["type"] == "section"
    )


def test_a_body_is_split_without_loss_and_cut_only_beyond_all_blocks() -> None:
    lines = "\n".join(f"row {i}" for i in range(3000))
    assert texts(message(alert(body=lines)).blocks) == lines
    endless = texts(message(alert(body="x" * 500_000)).blocks)
    assert endless.endswith("…")


def test_cut_says_that_it_cut() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"


def test_a_story_is_told_once_however_often_its_task_runs() -> None:
    first = addressed(broken("m", "gate", "no memory"), "m", RUN, "")
    again = addressed(
        broken("m", "gate", "other words"), "m", RUN.model_copy(update={"try_number": 3}), ""
    )
    assert first.fingerprint == again.fingerprint


def test_stories_of_one_run_differ() -> None:
    told = [stopped("M", "p", "m", ()), refused("M", "m", ("g",)), broken("m", "gate", "e")]
    assert len({addressed(story, "m", RUN, "").fingerprint for story in told}) == 3


def test_a_refusal_names_each_gate() -> None:
    story = refused("M", "1 of 2 gates failed", ("auc: fail - 0.6", "brier: pass - 0.1"))
    assert story.body.splitlines() == ["1 of 2 gates failed", "• auc: fail - 0.6",
                                       "• brier: pass - 0.1"]  # fmt: skip
