"""Stages of a rollout: in order, once, with their own split, and cleared by evidence or people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.base import RunRef
from include.client.messages.plans import StageSeen
from include.decisions.staging import DEFAULT, OPTIONS, StageMatter
from include.verdict import Verdict
from tests.support.plans import seen
from tests.unit.api.test_decisions import question, reply
from tests.unit.api.test_rollouts import (
    DAG,
    STAGED,
    begin,
    clear,
    due,
    move,
    promote,
    registered,
    stage,
    want,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from include.clock import ManualClock

    Login = Callable[..., httpx.Client]

__all__ = ["registered"]
pytestmark = pytest.mark.usefixtures("registered")


def look(verdict: Verdict, requests: int = 100) -> dict[str, Any]:
    return seen(verdict, requests).model_dump(mode="json")


@pytest.fixture
def owner(as_workload: Login) -> httpx.Client:
    return as_workload(DAG, "r2")


@pytest.fixture
def rollout(as_workload: Login, owner: httpx.Client) -> dict[str, Any]:
    """A verified rollout of 1.0.1 beside 1.0.0: shadow, 5 %, 100 %."""
    promote(as_workload(DAG), begin(as_workload))
    second = begin(as_workload, "r2", version="1.0.1", plan=STAGED)
    move(owner, second, "approved", "dark", "verified")
    return second


def records(client: httpx.Client, rollout: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/rollouts/{rollout['id']}").json()["stages"]
    return found


def test_each_stage_has_its_split_and_its_revision(
    owner: httpx.Client, rollout: dict[str, Any]
) -> None:
    clear(owner, rollout)
    assert [record["state"] for record in records(owner, rollout)] == ["passed"] * 3
    revisions = [record["revision"] for record in records(owner, rollout)]
    assert revisions == sorted(set(revisions))
    assert owner.get("/endpoints/ames").json()["revision"] == revisions[-1]
    stable, candidate_ = owner.get("/endpoints/ames").json()["variants"]
    assert (stable["version"], stable["weight"]) == ("1.0.0", 0)
    assert (candidate_["version"], candidate_["weight"]) == ("1.0.1", 100)


def test_no_stage_is_skipped_repeated_or_left_before_it_is_cleared(
    owner: httpx.Client, rollout: dict[str, Any]
) -> None:
    assert stage(owner, rollout, 1, "applied").status_code == 409
    assert move(owner, rollout, "staged").status_code == 409
    assert want(owner, rollout, due(rollout, 0)).status_code == 409
    clear(owner, rollout, 0)
    assert stage(owner, rollout, 0, "applied").status_code == 409
    stage(owner, rollout, 1, "applied")
    assert stage(owner, rollout, 2, "applied").status_code == 409
    assert stage(owner, rollout, 1, "observed").status_code == 409
    for wrong in (due(rollout, 0), due(rollout, 2), {"1.0.0": 90, "1.0.1": 10}, {"1.0.1": 100}):
        assert want(owner, rollout, wrong).status_code == 409, wrong
    assert want(owner, rollout, due(rollout, 1)).status_code == 200
    assert want(owner, rollout, {"1.0.0": 100, "1.0.1": 0}).status_code == 409
    assert stage(owner, rollout, 1, "passed").status_code == 409
    assert move(owner, rollout, "promoted").status_code == 409
    assert stage(owner, rollout, 3, "applied").status_code == 409
    assert stage(owner, rollout, 101, "applied").status_code == 422


@pytest.mark.parametrize("verdict", ["inconclusive", "no_data", "error", "fail"])
def test_only_a_pass_passes(owner: httpx.Client, rollout: dict[str, Any], verdict: str) -> None:
    stage(owner, rollout, 0, "applied")
    want(owner, rollout, due(rollout, 0))
    stage(owner, rollout, 0, "observed")
    said = {"seen": look(Verdict(verdict))}
    for state in ("passed", "accepted", "extended", "abandoned"):
        assert stage(owner, rollout, 0, state, **said).status_code == 409, state
    right, wrong = ("failed", "undecided") if verdict == "fail" else ("undecided", "failed")
    assert stage(owner, rollout, 0, wrong, **said).status_code == 409
    assert stage(owner, rollout, 0, right, **said).status_code == 200
    assert stage(owner, rollout, 1, "applied").status_code == 409


def test_a_pass_on_too_little_is_none(owner: httpx.Client, rollout: dict[str, Any]) -> None:
    stage(owner, rollout, 0, "applied")
    want(owner, rollout, due(rollout, 0))
    stage(owner, rollout, 0, "observed")
    assert stage(owner, rollout, 0, "passed", seen=None).status_code == 409
    assert stage(owner, rollout, 0, "passed", seen=look(Verdict.PASS, 19)).status_code == 409
    assert stage(owner, rollout, 0, "passed", seen=look(Verdict.PASS, 20)).status_code == 200


@pytest.fixture
def undecided(owner: httpx.Client, rollout: dict[str, Any]) -> dict[str, Any]:
    stage(owner, rollout, 0, "applied")
    want(owner, rollout, due(rollout, 0))
    stage(owner, rollout, 0, "observed")
    answer = stage(owner, rollout, 0, "undecided", seen=look(Verdict.INCONCLUSIVE))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def decide(owner: httpx.Client, as_person: Login) -> Callable[..., str]:
    """Return what asks about the newest stage, and answers if told how."""

    def decided(rollout: dict[str, Any], answer: str = "", **changes: Any) -> str:
        record = rollout["stages"][-1]
        run = RunRef.model_validate(rollout["run"])
        shown = StageSeen.model_validate_json(seen_json(record))
        digest = StageMatter(rollout["id"], record["index"], shown, run).digest
        asked = owner.post(
            "/decisions",
            json=question(**{
                "kind": "stage", "options": OPTIONS, "default": DEFAULT,
                "subject_digest": digest, "run": rollout["run"], **changes,
            }),
        )  # fmt: skip
        assert asked.status_code == 200, asked.text
        if answer:
            said = reply(answer=answer, subject_digest=asked.json()["subject_digest"])
            path = f"/decisions/{asked.json()['id']}/answer"
            assert as_person("approver").post(path, json=said).status_code == 200
        found: str = asked.json()["id"]
        return found

    return decided


def seen_json(record: dict[str, Any]) -> str:
    return StageSeen.model_validate({**record["seen"], "signals": ()}).model_dump_json()


def test_people_let_an_undecided_stage_go_on(
    owner: httpx.Client, undecided: dict[str, Any], decide: Callable[..., str]
) -> None:
    decision = decide(undecided, "continue")
    for state in ("extended", "failed", "passed"):
        answer = stage(owner, undecided, 0, state, decision_id=decision)
        assert answer.status_code == 409, state
    accepted = stage(owner, undecided, 0, "accepted", decision_id=decision)
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["stages"][0]["decision_id"] == decision
    assert stage(owner, undecided, 1, "applied").status_code == 200


def test_nobodys_word_or_another_matter_lets_nothing_go_on(
    owner: httpx.Client, undecided: dict[str, Any], decide: Callable[..., str]
) -> None:
    elsewhere = decide(undecided, "continue", subject_digest="p1")
    other = decide(undecided, "approve", kind="first_release", options=["approve", "refuse"],
                   default="refuse", subject_digest="p1")  # fmt: skip
    still_open = decide(undecided)
    for decision in ("", elsewhere, other, still_open, "01JDXYZ0000000000000000000"):
        answer = stage(owner, undecided, 0, "accepted", decision_id=decision)
        assert answer.status_code == 409, decision
    assert records(owner, undecided)[0]["state"] == "undecided"


def test_silence_rolls_back(
    owner: httpx.Client, undecided: dict[str, Any], decide: Callable[..., str], clock: ManualClock
) -> None:
    decision = decide(undecided, deadline_seconds=60)
    assert stage(owner, undecided, 0, "failed", decision_id=decision).status_code == 409
    clock.advance(61)
    assert stage(owner, undecided, 0, "accepted", decision_id=decision).status_code == 409
    owner.get(f"/decisions/{decision}")
    assert stage(owner, undecided, 0, "accepted", decision_id=decision).status_code == 409
    assert stage(owner, undecided, 0, "failed", decision_id=decision).status_code == 200
    assert want(owner, undecided, due(undecided, 0)).status_code == 409
    assert want(owner, undecided, {"1.0.0": 100}).status_code == 200
    assert move(owner, undecided, "rolled_back").json()["stages"][0]["state"] == "failed"


def test_an_extended_stage_is_watched_anew_and_never_undecided_again(
    owner: httpx.Client, undecided: dict[str, Any], decide: Callable[..., str]
) -> None:
    before = undecided["stages"][0]["revision"]
    decision = decide(undecided, "extend")
    assert stage(owner, undecided, 0, "extended", decision_id=decision).status_code == 200
    again = [want(owner, undecided, due(undecided, 0)).json()["revision"] for _ in range(2)]
    assert again == [before + 1] * 2
    assert records(owner, undecided)[0]["revision"] == before + 1
    short = {"seen": look(Verdict.NO_DATA)}
    assert stage(owner, undecided, 0, "undecided", **short).status_code == 409
    assert stage(owner, undecided, 0, "failed", **short).status_code == 200


def test_a_foreign_change_is_overtaken_by_a_newer_revision(
    owner: httpx.Client, rollout: dict[str, Any]
) -> None:
    stage(owner, rollout, 0, "applied")
    first = want(owner, rollout, due(rollout, 0)).json()["revision"]
    again = [want(owner, rollout, due(rollout, 0), seen_revision=40).json() for _ in range(2)]
    assert [endpoint["revision"] for endpoint in again] == [41, 41]
    assert first < 41
    assert records(owner, rollout)[0]["revision"] == 41


def test_looks_are_seen_and_not_audited(
    owner: httpx.Client, rollout: dict[str, Any], as_person: Login
) -> None:
    path = f"/rollouts/{rollout['id']}/stages/0/look"
    body = {"fencing_token": rollout["fencing_token"], "seen": look(Verdict.NO_DATA, 3)}
    assert owner.put(path, json=body).json()["stages"] == []
    stage(owner, rollout, 0, "applied")
    want(owner, rollout, due(rollout, 0))
    stage(owner, rollout, 0, "observed")
    before = len(as_person("admin").get("/events").json())
    assert owner.put(path, json=body).json()["stages"][0]["seen"]["candidate_requests"] == 3
    body["seen"]["candidate_requests"] = 9
    owner.put(path, json=body)
    assert records(owner, rollout)[0]["seen"]["candidate_requests"] == 9
    [listed] = as_person("viewer").get("/rollouts?model=ames&state=staged").json()
    assert listed["stages"][0]["seen"]["candidate_requests"] == 9
    assert len(as_person("admin").get("/events").json()) == before
    stage(owner, rollout, 0, "passed")
    owner.put(path, json=body)
    assert records(owner, rollout)[0]["seen"]["candidate_requests"] == 100
    assert owner.put(path, json={**body, "fencing_token": 9}).status_code == 409


def test_a_stop_keeps_a_rollout_from_the_next_stage_and_its_end_abandons_the_open_one(
    owner: httpx.Client, rollout: dict[str, Any], as_person: Login
) -> None:
    clear(owner, rollout, 0)
    stage(owner, rollout, 1, "applied")
    want(owner, rollout, due(rollout, 1))
    move(as_person("operator"), rollout, "stopped")
    refused = stage(owner, rollout, 1, "observed")
    assert refused.json()["type"].endswith("/stop-requested")
    assert want(owner, rollout, due(rollout, 1)).status_code == 409
    assert want(owner, rollout, {"1.0.0": 100}).status_code == 200
    ended = move(owner, rollout, "stopped").json()
    assert [record["state"] for record in ended["stages"]] == ["passed", "abandoned"]
    assert ended["stages"][1]["ended_at"]
    assert stage(owner, rollout, 1, "observed").status_code == 409


def test_a_stage_belongs_to_the_owning_run_and_its_token(
    owner: httpx.Client, rollout: dict[str, Any], as_workload: Login, as_person: Login
) -> None:
    assert stage(as_workload(DAG, "r1"), rollout, 0, "applied").status_code == 403
    assert stage(as_person("admin"), rollout, 0, "applied").status_code == 403
    stale = stage(owner, {**rollout, "fencing_token": 1}, 0, "applied")
    assert stale.json()["type"].endswith("/fenced-out")
    unknown = {**rollout, "id": "01JDXYZ0000000000000000000"}
    assert stage(owner, unknown, 0, "applied").status_code == 404


def test_the_same_stage_move_again_changes_nothing(
    owner: httpx.Client, rollout: dict[str, Any], as_person: Login
) -> None:
    first = stage(owner, rollout, 0, "applied").json()
    assert stage(owner, rollout, 0, "applied").json() == first
    story = as_person("viewer").get(f"/rollouts/{rollout['id']}/events").json()
    assert [event["action"] for event in story] == [
        "rollout.opened", "rollout.approved", "rollout.dark", "rollout.verified",
        "rollout.stage_applied",
    ]  # fmt: skip
    assert story[-1]["reason"] == "shadow: such"
    missing = as_person("viewer").get("/rollouts/01JDXYZ0000000000000000000/events")
    assert missing.status_code == 404
