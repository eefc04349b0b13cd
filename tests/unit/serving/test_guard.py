"""What the guard lets through."""

from __future__ import annotations

import asyncio
import json

import pytest

from include.serving.guard import MAX_BODY, Guard

pytestmark = pytest.mark.steps

JSON = [(b"content-type", b"application/json; charset=utf-8")]


async def echo(scope, receive, send):
    """Answer with the path and the size of the body it was given."""
    body = (await receive()).get("body", b"") if scope["method"] == "POST" else b""
    text = f"{scope['path']} {len(body)}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text})


def ask(method, path, headers=(), parts=(b"",)):
    sent, waiting = [], list(parts)

    async def receive():
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    asyncio.run(Guard(echo, version="1.0.0")(scope, receive, send))
    return sent[0]["status"], sent[1]["body"].decode()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/metrics",
        "/v2",
        "/v2/health/ready",
        "/v2/health/live",
        "/v2/models",
        "/v2/models/toy",
        "/v2/models/toy/ready",
        "/v1/models/toy",
    ],
)
def test_reading_routes(path):
    assert ask("GET", path) == (200, f"{path} 0")


@pytest.mark.parametrize("path", ["/v2/models/toy/infer", "/v1/models/toy:predict"])
def test_body_arrives_whole(path):
    assert ask("POST", path, JSON, [b' {"a"', b": 1}"]) == (200, f"{path} 9")


@pytest.mark.parametrize(
    "path",
    [
        "/v2/repository/models/toy/unload",
        "/v2/repository/models/toy/load",
        "/v1/models/toy:explain",
        "/openai/v1/completions",
        "/docs",
        "/openapi.json",
        "/v2/models/toy/versions/1.0.1/infer",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_everything_else_is_not_there(method, path):
    status, body = ask(method, path, JSON, [b"{}"])
    assert status == 404
    assert json.loads(body)["error"]


def test_own_version_in_the_path():
    path = "/v2/models/toy/versions/1.0.0/infer"
    assert ask("POST", path, JSON, [b"{}"]) == (200, "/v2/models/toy/infer 2")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v2/models/toy/infer"), ("POST", "/v2")])
def test_wrong_method(method, path):
    assert ask(method, path)[0] == 405


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"content-type", b"text/plain")],
        [*JSON, (b"inference-header-content-length", b"x")],
        [*JSON, (b"ce-specversion", b"1.0")],
        [*JSON, (b"content-encoding", b"gzip")],
    ],
)
def test_other_kinds_of_body(headers):
    assert ask("POST", "/v2/models/toy/infer", headers, [b"{}"])[0] == 415


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"null", b"\xff"])
def test_body_that_is_no_object(body):
    assert ask("POST", "/v2/models/toy/infer", JSON, [body])[0] == 400


def test_announced_size_over_the_limit_is_refused_unread():
    headers = [*JSON, (b"content-length", str(MAX_BODY + 1).encode())]
    assert ask("POST", "/v2/models/toy/infer", headers, [])[0] == 413


def test_unannounced_size_over_the_limit_is_refused():
    assert ask("POST", "/v2/models/toy/infer", JSON, [b"{" * MAX_BODY, b"{"])[0] == 413
