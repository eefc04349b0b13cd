from __future__ import annotations

from typing import TYPE_CHECKING

import jwt
import pytest

from plugins.airworthy.api.identity.corroboration import Standing
from tests.unit.api.conftest import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from include.clock import ManualClock
    from tests.unit.api.conftest import Corroborator

    Login = Callable[..., httpx.Client]

RUN = {"dag_id": "ames_train", "run_id": "r1", "task_id": "register"}
HEADER = "X-Airworthy-Workload-Secret"


def ask(client: httpx.Client, secret: str | bytes = SECRET) -> httpx.Response:
    return client.post("/tokens", json={"run": RUN}, headers={HEADER: secret})


@pytest.mark.parametrize(
    "secret", ["", "wrong", SECRET + "x", SECRET[:-1], "geheim ü".encode("latin-1")]
)
def test_a_wrong_secret_gets_nothing(secret: str | bytes, anonymous: httpx.Client) -> None:
    answer = ask(anonymous, secret)
    assert answer.status_code == 401
    assert "token" not in answer.json()


@pytest.mark.parametrize(
    ("standing", "authn"), [(Standing.RUNNING, "corroborated"), (Standing.UNKNOWN, "claimed")]
)
def test_how_far_a_claim_was_checked(
    standing: Standing, authn: str, anonymous: httpx.Client, client_for: Login,
    corroborator: Corroborator,
) -> None:  # fmt: skip
    corroborator.answer = standing
    token = ask(anonymous).json()
    assert token["authn"] == authn
    assert client_for(token["token"]).get("/whoami").json()["authn"] == authn


def test_a_try_that_is_not_running_is_refused_on_record(
    anonymous: httpx.Client, corroborator: Corroborator, as_person: Login
) -> None:
    corroborator.answer = Standing.NOT_RUNNING
    assert ask(anonymous).status_code == 403
    event = as_person("admin").get("/events").json()[-1]
    assert (event["action"], event["outcome"]) == ("token.refused", "denied")


def test_a_token_ends_after_ten_minutes(
    anonymous: httpx.Client, client_for: Login, clock: ManualClock
) -> None:
    client = client_for(ask(anonymous).json()["token"])
    clock.advance(599)
    assert client.get("/whoami").status_code == 200
    clock.advance(1)
    assert client.get("/whoami").status_code == 401


def test_a_forged_token_is_nobody(anonymous: httpx.Client, client_for: Login) -> None:
    token = ask(anonymous).json()["token"]
    head, body, seal = token.removeprefix("awt.").split(".")
    claims = jwt.decode(f"{head}.{body}.{seal}", options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none")
    other_key = jwt.encode(claims, "k" * 32, algorithm="HS256")
    flipped = ("A" if seal[0] != "A" else "B") + seal[1:]
    for forged in (unsigned, other_key, f"{head}.{body}.{flipped}", f"{head}.{body}.", head):
        assert client_for(f"awt.{forged}").get("/whoami").status_code == 401
    assert client_for(f"{head}.{body}.{seal}").get("/whoami").status_code == 401


def test_a_token_is_given_without_a_secret_to_nobody(
    anonymous: httpx.Client, as_person: Login
) -> None:
    ask(anonymous)
    events = as_person("admin").get("/events").json()
    assert SECRET not in str(events)
    assert events[-1]["action"] == "token.issued"
    assert events[-1]["actor"] == "ames_train/r1/register/1"


def test_absurd_tries_are_refused(anonymous: httpx.Client) -> None:
    for change in ({"dag_id": "x" * 251}, {"run_id": ""}):
        answer = anonymous.post(
            "/tokens", json={"run": {**RUN, **change}}, headers={HEADER: SECRET}
        )
        assert answer.status_code == 422
