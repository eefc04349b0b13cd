"""The client against the application: rollouts and their endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.client.messages.plans import MoveStage, RequestRollback, StageState
from include.client.messages.rollouts import (
    BreakEndpoint,
    MoveRollout,
    OpenRollout,
    ReclaimEndpoint,
    RolloutState,
    VariantWish,
    WantVariants,
)
from include.errors import (
    Conflict,
    FencedOut,
    Forbidden,
    StopRequested,
)
from tests.support.app_network import ANSWER, PACKAGE, QUESTION, RUN, person, registration
from tests.support.plans import plan, seen

if TYPE_CHECKING:
    from fastapi import FastAPI

    from include.client.control_plane import ControlPlane
    from include.client.messages.registry import Version


def opening(version: Version, *, approval_required: bool = False) -> OpenRollout:
    return OpenRollout(
        endpoint="m_model",
        model="m_model",
        version=version.version,
        plan=plan("first"),
        approval_required=approval_required,
        run=RUN,
    )


def test_a_release_from_registration_to_the_free_endpoint(task: ControlPlane) -> None:
    version = task.register_version(registration())
    assert task.versions("m_model") == (version,)
    assert task.version("m_model", version.version) == version
    rollout = task.open_rollout(opening(version))
    wish = VariantWish(
        name="v1",
        version=version.version,
        package_uri=version.package_uri,
        package_digest=PACKAGE,
        weight=100,
    )
    token = rollout.fencing_token
    wanted = WantVariants(fencing_token=token, variants=(wish,))
    for state in ("approved", "dark", "verified"):
        move = MoveRollout(state=RolloutState(state), reason="next", fencing_token=token)
        assert task.move_rollout(rollout.id, move).state == state
    stage = MoveStage(state=StageState.APPLIED, reason="all traffic", fencing_token=token)
    assert task.move_stage(rollout.id, 0, stage).state is RolloutState.STAGED
    assert task.want_variants("m_model", wanted).variants == (wish,)
    observed = stage.model_copy(update={"state": StageState.OBSERVED})
    assert task.move_stage(rollout.id, 0, observed).stages[0].revision == 1
    passed = stage.model_copy(update={"state": StageState.PASSED, "seen": seen()})
    assert task.move_stage(rollout.id, 0, passed).stages[0].seen == seen()
    promoted = MoveRollout(state=RolloutState.PROMOTED, reason="all", fencing_token=token)
    assert task.move_rollout(rollout.id, promoted).ended_at is not None
    assert task.rollout_events(rollout.id)[-1].action == "rollout.promoted"
    assert task.rollouts(model="m_model", state="promoted") == (task.rollout(rollout.id),)
    assert task.endpoint("m_model").live_version == version.version
    assert task.endpoints() == (task.endpoint("m_model"),)


def test_a_stale_token_is_fenced_out_and_only_an_admin_breaks(
    task: ControlPlane, app: FastAPI
) -> None:
    version = task.register_version(registration())
    rollout = task.open_rollout(opening(version))
    stale = MoveRollout(
        state=RolloutState.APPROVED, reason="late", fencing_token=rollout.fencing_token - 1
    )
    with pytest.raises(FencedOut):
        task.move_rollout(rollout.id, stale)
    dead = BreakEndpoint(reason="it died", live_version="")
    with person(app, "viewer") as viewer, pytest.raises(Forbidden):
        viewer.break_endpoint("m_model", dead)
    with person(app, "admin") as admin:
        broken = admin.break_endpoint("m_model", dead)
        assert (broken.owner, broken.fencing_token) == ("", rollout.fencing_token + 1)
        with pytest.raises(Conflict):
            admin.break_endpoint("m_model", dead)


def test_where_airflow_does_not_say_that_a_run_is_over_nothing_is_reclaimed(
    task: ControlPlane,
) -> None:
    rollout = task.open_rollout(opening(task.register_version(registration())))
    with pytest.raises(Conflict, match="Airflow does not say"):
        task.reclaim_endpoint("m_model", ReclaimEndpoint(rollout=rollout.id))
    assert task.endpoint("m_model").owner == rollout.id


def test_people_ask_to_stop_and_the_owner_learns_it(task: ControlPlane, app: FastAPI) -> None:
    version = task.register_version(registration())
    rollout = task.open_rollout(opening(version))
    token = rollout.fencing_token
    stop = MoveRollout(state=RolloutState.STOPPED, reason="wrong batch", fencing_token=token)
    with person(app, "admin") as admin:
        assert admin.move_rollout(rollout.id, stop).state is RolloutState.OPENED
    found = task.rollout(rollout.id).stop
    assert found is not None
    assert (found.by, found.reason) == ("admin", "wrong batch")
    with pytest.raises(StopRequested, match="wrong batch"):
        task.move_rollout(rollout.id, stop.model_copy(update={"state": RolloutState.APPROVED}))
    assert task.move_rollout(rollout.id, stop).state is RolloutState.STOPPED


def test_a_person_asks_to_go_back_and_the_rollout_under_way_is_to_stop(
    task: ControlPlane, app: FastAPI
) -> None:
    version = task.register_version(registration())
    rollout = task.open_rollout(opening(version))
    wish = RequestRollback(reason="customers complain", live_version="")
    with pytest.raises(Forbidden):
        task.request_rollback("m_model", wish)
    with person(app, "approver") as approver:
        request = approver.request_rollback("m_model", wish)
        assert (request.kind, request.rollout_id) == ("stop", rollout.id)
        assert approver.rollbacks("m_model") == (request,)
    found = task.rollout(rollout.id).stop
    assert found is not None
    assert (found.by, found.reason) == ("approver", "customers complain")


def test_only_a_yes_lets_a_rollout_begin(task: ControlPlane, app: FastAPI) -> None:
    version = task.register_version(registration())
    rollout = task.open_rollout(opening(version, approval_required=True))
    asked = task.open_decision(QUESTION)
    go = MoveRollout(
        state=RolloutState.APPROVED, reason="go", fencing_token=1, decision_id=asked.id
    )
    with pytest.raises(Conflict, match="the decision is open"):
        task.move_rollout(rollout.id, go)
    with person(app, "approver") as approver:
        approver.answer_decision(asked.id, ANSWER)
    assert task.move_rollout(rollout.id, go).decision_id == asked.id
