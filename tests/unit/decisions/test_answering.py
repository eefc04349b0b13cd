from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.access.principal import Principal, Role, Scope
from include.client.messages.base import RunRef
from include.client.messages.decisions import (
    AnswerDecision,
    Decision,
    DecisionState,
    ExtendDecision,
    OpenDecision,
)
from include.decisions import answering
from include.decisions.opening import AFFIRMATIVE, LONGEST_SECONDS, check
from include.errors import BadInput, Conflict, DecisionClosed, Forbidden

OPENED = datetime(2026, 3, 2, 8, tzinfo=UTC)
SCOPE = Scope("default", "embedded")


def decision(**changes: Any) -> Decision:
    return Decision.model_validate({
        "id": "01", "kind": "first_release", "title": "t", "body": "b", "subject": "ames 1.0.0",
        "subject_digest": "p", "options": ("approve", "refuse"), "default": "refuse",
        "roles": ("approver",), "state": DecisionState.OPEN, "opened_at": OPENED,
        "opened_by": "person:bob", "deadline": OPENED + timedelta(hours=1),
        "run": RunRef(dag_id="d", run_id="r"), **changes,
    })  # fmt: skip


def caller(kind: Any = "person", name: str = "ann", *roles: Role) -> Principal:
    return Principal(kind, name, frozenset(roles or {Role.APPROVER}), "token", SCOPE)


@given(st.sampled_from(["person", "workload", "service", "system"]), st.sets(st.sampled_from(Role)))
def test_only_a_person_with_the_role(kind: Any, roles: set[Role]) -> None:
    who = Principal(kind, "x", frozenset(roles), "token", SCOPE)
    if kind == "person" and Role.APPROVER in roles:
        answering.check_person(decision(), who)
    else:
        with pytest.raises(Forbidden):
            answering.check_person(decision(), who)


@given(st.integers(-7200, 7200))
def test_open_means_strictly_before_the_deadline(seconds: int) -> None:
    now = decision().deadline + timedelta(seconds=seconds)
    assert answering.is_overdue(decision(), now) is (seconds >= 0)
    if seconds < 0:
        answering.check_open(decision(), now)
    else:
        with pytest.raises(DecisionClosed):
            answering.check_open(decision(), now)


def test_closed_decisions_say_why() -> None:
    answered = decision(state="answered", answer="refuse", answered_by="ann")
    with pytest.raises(DecisionClosed, match="ann answered 'refuse' before"):
        answering.check_open(answered, OPENED)
    with pytest.raises(DecisionClosed, match="'refuse' holds"):
        answering.check_open(decision(state="expired"), OPENED)
    assert not answering.is_overdue(answered, OPENED + timedelta(days=9))


def test_an_answer_is_for_what_was_seen_by_somebody_else() -> None:
    given_answer = AnswerDecision(answer="approve", reason="fine", subject_digest="p")
    answering.check_answer(decision(), given_answer, caller())
    with pytest.raises(Forbidden, match="who asks does not answer"):
        answering.check_answer(decision(), given_answer, caller(name="bob"))
    with pytest.raises(Conflict, match="another subject"):
        answering.check_answer(decision(subject_digest="q"), given_answer, caller())
    with pytest.raises(BadInput, match="not an option"):
        answering.check_answer(decision(options=("yes", "no")), given_answer, caller())


def test_one_extension() -> None:
    wish = ExtendDecision(seconds=60, reason="on leave")
    assert answering.extended(decision(), wish) == decision().deadline + timedelta(seconds=60)
    with pytest.raises(Conflict, match="extended before"):
        answering.extended(decision(extensions=1), wish)
    with pytest.raises(BadInput, match="too far"):
        answering.extended(decision(), ExtendDecision(seconds=LONGEST_SECONDS + 1, reason="no" * 2))


def question(**changes: Any) -> OpenDecision:
    return OpenDecision.model_validate({
        "kind": "stage", "title": "t", "body": "b", "subject": "s", "subject_digest": "p",
        "options": ("promote", "roll_back"), "default": "roll_back", "roles": ("operator",),
        "deadline_seconds": 60, "run": RunRef(dag_id="d", run_id="r"), **changes,
    })  # fmt: skip


@pytest.mark.parametrize("word", sorted(AFFIRMATIVE))
@pytest.mark.parametrize("kind", ["first_release", "gate_override", "stage"])
def test_silence_never_means_yes(word: str, kind: str) -> None:
    for spelling in (word, word.upper()):
        wrong = question(kind=kind, options=(spelling, "refuse"), default=spelling)
        with pytest.raises(BadInput, match="silence"):
            check(wrong)


def test_good_questions() -> None:
    check(question())
    check(question(kind="first_release", options=("approve", "refuse"), default="refuse"))
    check(question(roles=("operator", "approver", "admin"), deadline_seconds=LONGEST_SECONDS))


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": ("only",), "default": "only"}, {"options": ("a", "a"), "default": "a"},
        {"options": ("", "b"), "default": "b"}, {"default": "unlisted"}, {"roles": ()},
        {"roles": ("auditor",)}, {"roles": ("operator", "service")}, {"deadline_seconds": 0},
        {"deadline_seconds": LONGEST_SECONDS + 1},
        {"kind": "first_release", "default": "roll_back"},
    ],
)  # fmt: skip
def test_bad_questions(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        check(question(**wrong))
