from __future__ import annotations

import re

import pytest

from include.access.naming import KEY, RUN_ID, ULID, check_name
from include.access.permission import ALLOWED, DECIDING, Action, check, check_run
from include.access.principal import (
    MACHINES,
    PEOPLE,
    Principal,
    Role,
    Scope,
    from_airflow,
    system,
    workload_id,
)
from include.client.messages.base import RunRef
from include.errors import BadInput, Forbidden

SCOPE = Scope("default", "embedded")
RUN = RunRef(dag_id="d", run_id="r", task_id="t", try_number=2)


def test_airflow_roles_become_ours() -> None:
    ours = {name: from_airflow(frozenset({name})) for name in ("Viewer", "user", "op", "Admin")}
    assert ours == {
        "Viewer": {Role.VIEWER},
        "user": {Role.VIEWER, Role.APPROVER},
        "op": {Role.VIEWER, Role.OPERATOR},
        "Admin": {Role.VIEWER, Role.OPERATOR, Role.ADMIN},
    }
    assert from_airflow(frozenset({"user", "op"})) == {Role.VIEWER, Role.APPROVER, Role.OPERATOR}
    assert from_airflow(frozenset({"public", "workload", "service", "approver"})) == frozenset()


def test_no_machine_decides_and_the_control_plane_itself_may_nothing() -> None:
    assert not DECIDING & MACHINES
    for action in (Action.ANSWER_DECISION, Action.EXTEND_DECISION, Action.BREAK_ENDPOINT):
        assert not ALLOWED[action] & MACHINES
    assert not PEOPLE & MACHINES
    for action in Action:
        with pytest.raises(Forbidden, match="system:control_plane may not"):
            check(system(SCOPE), action)


def test_a_workload_speaks_for_its_run() -> None:
    own = Principal("workload", workload_id(RUN), frozenset({Role.WORKLOAD}), "claimed", SCOPE, RUN)
    check_run(own, RunRef(dag_id="d", run_id="r", task_id="another"))
    for other in (RunRef(dag_id="d", run_id="r2"), RunRef(dag_id="d2", run_id="r")):
        with pytest.raises(Forbidden):
            check_run(own, other)
    check_run(Principal("person", "ann", frozenset({Role.ADMIN}), "token", SCOPE), RUN)


def test_ids_of_tries_differ() -> None:
    mapped = RUN.model_copy(update={"map_index": 3})
    assert [workload_id(RUN), workload_id(mapped)] == ["d/r/t/2", "d/r/t[3]/2"]


@pytest.mark.parametrize(
    "name", ["", "a", "A", "1a", "a-b", "a.b", "../a", "a/b", "a\n", "a b", "ä" * 3, "a" * 64, "a%"]
)
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(BadInput):
        check_name("model", name)


def test_names_and_ids() -> None:
    assert check_name("model", "ames_2") == "ames_2"
    assert re.search(RUN_ID, "scheduled__2026-03-01T00:00:00+00:00")
    assert not re.search(RUN_ID, "a/b")
    assert re.search(ULID, "01JNB2V4T8Z5Q6W7E8R9T0Y1M2")
    assert not re.search(KEY, "a b")
