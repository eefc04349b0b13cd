"""Every route has a door, and the table of permissions says who gets through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from include.access.permission import ALLOWED, Action
from include.access.principal import MACHINES, PEOPLE, Role
from plugins.airworthy.api.app import PREFIX, ROUTERS
from plugins.airworthy.api.call import Allowed
from plugins.airworthy.api.gate.doorkeeper import OPEN

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from fastapi import FastAPI

    Login = Callable[..., httpx.Client]

ID = "01JNB2V4T8Z5Q6W7E8R9T0Y1M2"
VALUES = {
    "model": "ames", "version": "1.0.0", "name": "ames", "rollout_id": ID, "decision_id": ID,
    "alert_id": ID, "index": "0", "dag_id": "ames_train", "run_id": "r1",
}  # fmt: skip
ROUTES = [
    (method, PREFIX + route.path, route)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods)
]
GUARDED = [entry for entry in ROUTES if entry[:2] not in OPEN]
WHO_MAY = {
    ("GET", "/whoami"): "viewer operator approver auditor admin workload service",
    ("POST", "/versions"): "workload",
    ("GET", "/models/{model}/versions"): "viewer operator approver auditor admin workload service",
    ("GET", "/models/{model}/versions/{version}"):
        "viewer operator approver auditor admin workload service",
    ("GET", "/endpoints"): "viewer operator approver auditor admin workload service",
    ("GET", "/endpoints/{name}"): "viewer operator approver auditor admin workload service",
    ("PUT", "/endpoints/{name}/variants"): "workload",
    ("POST", "/endpoints/{name}/break"): "admin",
    ("POST", "/endpoints/{name}/reclaim"): "workload",
    ("POST", "/rollouts"): "workload",
    ("GET", "/rollouts"): "viewer operator approver auditor admin workload service",
    ("GET", "/rollouts/{rollout_id}"): "viewer operator approver auditor admin workload service",
    ("POST", "/rollouts/{rollout_id}/moves"): "workload operator admin",
    ("POST", "/rollouts/{rollout_id}/stages/{index}/moves"): "workload",
    ("PUT", "/rollouts/{rollout_id}/stages/{index}/look"): "workload",
    ("GET", "/rollouts/{rollout_id}/events"):
        "viewer operator approver auditor admin workload service",
    ("POST", "/endpoints/{name}/rollback"): "operator approver admin",
    ("GET", "/endpoints/{name}/rollbacks"):
        "viewer operator approver auditor admin workload service",
    ("POST", "/decisions"): "workload operator admin",
    ("GET", "/decisions"): "viewer operator approver auditor admin workload service",
    ("GET", "/decisions/{decision_id}"): "viewer operator approver auditor admin workload service",
    ("POST", "/decisions/{decision_id}/answer"): "operator approver admin",
    ("POST", "/decisions/{decision_id}/extension"): "operator approver admin",
    ("POST", "/alerts"): "workload service",
    ("GET", "/alerts"): "viewer operator approver auditor admin workload service",
    ("GET", "/alerts/{alert_id}"): "viewer operator approver auditor admin workload service",
    ("POST", "/alerts/{alert_id}/deliveries"): "workload service",
    ("PUT", "/runs"): "workload",
    ("GET", "/runs"): "viewer operator approver auditor admin workload service",
    ("GET", "/runs/{dag_id}/{run_id}"): "viewer operator approver auditor admin workload service",
    ("GET", "/events"): "auditor admin",
}  # fmt: skip


def address(template: str) -> str:
    for name, value in VALUES.items():
        template = template.replace("{" + name + "}", value)
    return template


def label(entry: tuple[str, str, APIRoute]) -> str:
    return f"{entry[0]} {entry[1]}"


def test_the_table_names_every_route() -> None:
    assert {(m, p.removeprefix(PREFIX)) for m, p, _ in GUARDED} == set(WHO_MAY)
    assert len(OPEN) == 1


def test_the_application_has_no_other_routes(app: FastAPI) -> None:
    known = {(method, path) for method, path, _ in ROUTES}
    found = set()
    for context in app.iter_route_contexts() if hasattr(app, "iter_route_contexts") else app.routes:
        path = getattr(context, "path", None)
        for method in getattr(context, "methods", None) or ():
            found.add((method, path))
    assert found - {(m, p) for m, p in found if m == "HEAD"} == known


@pytest.mark.parametrize("entry", GUARDED, ids=label)
def test_every_route_names_its_action(entry: tuple[str, str, APIRoute]) -> None:
    calls = [dependency.call for dependency in entry[2].dependant.dependencies]
    assert [type(call) for call in calls] == [Allowed]


def test_every_action_has_a_route_and_roles() -> None:
    used = {d.call.action for _, _, route in GUARDED for d in route.dependant.dependencies}
    assert used == set(Action) == set(ALLOWED)
    assert set(Role) == PEOPLE | MACHINES


@pytest.mark.parametrize("entry", GUARDED, ids=label)
def test_nobody_gets_in_without_a_name(entry: tuple[str, str, APIRoute], client_for: Login) -> None:
    method, template, _ = entry
    for token in ("", "nonsense", "awt.nonsense", "aws_nonsense", "awp_nonsense"):
        client = client_for(token, base_url="http://test")
        answer = client.request(method, address(template), content=b"{" * 100)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


def test_pages_that_are_not_there_are_closed_too(anonymous: httpx.Client, app: FastAPI) -> None:
    for path in (
        "/docs", "/redoc", "/openapi.json", "/api/v1", "/api/v1/nothing", "/", "/static/app.js",
        "/api/v1/tokens/", "/api/v1//tokens", "/api/v1/tokens/../versions", "/api/v1/tokens%2f..",
    ):  # fmt: skip
        for method in ("GET", "POST", "OPTIONS", "HEAD", "TRACE"):
            answer = anonymous.request(method, f"http://test{path}")
            assert answer.status_code == 401, (method, path)


def test_what_is_added_later_is_closed_by_itself(app: FastAPI, anonymous: httpx.Client) -> None:
    page = Route("/page", lambda request: PlainTextResponse("open!"))
    app.router.routes.append(page)
    app.router.routes.append(Mount("/ui", routes=[page]))
    for path in ("/page", "/ui/page"):
        assert anonymous.get(f"http://test{path}").status_code == 401


@pytest.mark.parametrize("role", sorted(Role))
def test_each_role_gets_through_its_own_doors_only(
    role: Role, as_person: Login, as_workload: Login
) -> None:
    if role is Role.WORKLOAD:
        client = as_workload()
    else:
        client = as_person(role, kind="service" if role is Role.SERVICE else "person")
    for method, template, _ in GUARDED:
        answer = client.request(method, f"http://test{address(template)}", json={})
        may = role.value in WHO_MAY[method, template.removeprefix(PREFIX)].split()
        # Who may meets the next hurdle: an empty message (422), or an id that is not there (404).
        allowed = {200, 404, 422} if may else {403}
        assert answer.status_code in allowed, (role, method, template, answer.text)


STRANGE = (
    "~", "*", "%", "%25", "%2e%2e", "..%2fames", "%252e%252e", "ames%00", "ames%0a", "Ames",
    "ames*", "ames%25", "_ames", "a" * 64, "ames ", "%61mes%20", "ames'--", "%F0%9F%98%80",
)  # fmt: skip


@pytest.mark.parametrize("strange", STRANGE)
def test_ids_are_no_paths_and_no_wildcards(strange: str, as_person: Login) -> None:
    client = as_person("viewer+admin")
    for path in (
        f"/models/{strange}/versions", f"/models/ames/versions/{strange}", f"/endpoints/{strange}",
        f"/rollouts/{strange}", f"/decisions/{strange}", f"/alerts/{strange}",
        f"/rollouts?model={strange}", f"/alerts?model={strange}", f"/runs?model={strange}",
        f"/events?after={strange}", f"/rollouts?state={strange}", f"/decisions?state={strange}",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code in {404, 422}, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    for path in (f"/runs/ames_train/{strange}", f"/runs/{strange}/r1"):
        assert client.get(path).status_code in {404, 422}


def test_a_token_opens_one_environment_only(as_workload: Login, as_person: Login) -> None:
    workload = as_workload("ames_train")
    run = {"dag_id": "ames_train", "run_id": "r1"}
    alert = workload.post(
        "/alerts",
        json={
            "fingerprint": "f", "severity": "info", "title": "t", "body": "b", "model": "ames",
            "run": run,
        },
    ).json()  # fmt: skip
    workload.put(
        "/runs",
        json={"run": run, "model": "ames", "kind": "train", "partition": "a", "state": "running"},
    )
    here, there = as_person("admin"), as_person("admin", where="production")
    for path in ("/alerts", "/runs", "/events"):
        assert here.get(path).json(), path
        assert there.get(path).json() == [], path
    for path in (f"/alerts/{alert['id']}", "/runs/ames_train/r1"):
        assert here.get(path).status_code == 200
        assert there.get(path).status_code == 404


def test_whoami(as_workload: Login, as_person: Login) -> None:
    told = as_workload().get("/whoami").json()
    assert told == {
        "kind": "workload",
        "id": "ames_train/r1/register/1",
        "roles": ["workload"],
        "authn": "corroborated",
    }
    assert as_person("viewer").get("/whoami").json()["id"] == "ann"
