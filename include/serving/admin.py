"""The door for whoever manages endpoints: FastAPI behind a bearer token, on every path."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from include.errors import AirworthyError, BadInput, Forbidden
from include.serving import faults, intake
from include.serving.documents import (
    EndpointDocument,
    EndpointNames,
    EvidenceDocument,
    ObservationDocument,
)
from include.serving.replying import Reply, send_reply
from include.serving.router import request_id_of
from include.serving.witness import Asked

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from include.serving.dispatch import Dispatcher
    from include.serving.fleet import Fleet
    from include.serving.ledger import Ledger


class Door:
    """Lets nobody in without the token, and no body above the limit.

    It stands before the application, so that a route cannot be forgotten.
    """

    def __init__(self, app: ASGIApp, token: str, limit: int) -> None:
        self._app, self._limit = app, limit
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request and hand it on."""
        if scope["type"] != "http":
            return
        try:
            self._authenticate(scope)
            body = await intake.body(scope, receive, self._limit)
        except intake.ClientGone:
            return
        except AirworthyError as error:
            await send_reply(refusal(error, scope["path"]), receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    def _authenticate(self, scope: Scope) -> None:
        given = intake.header(scope, b"authorization")
        if not hmac.compare_digest(given, self._expected):
            raise Forbidden(
                "no valid token",
                where="Authorization",
                remedy="Send `Bearer` and the value of AIRWORTHY_SERVING_TOKEN",
            )


def refusal(error: AirworthyError, path: str) -> Reply:
    """Return the problem details of an error as a reply."""
    body = faults.problem_of(error, instance=path[:200])
    return Reply(
        faults.status_of(error),
        tuple(faults.headers_of(error)),
        body,
        discard_rest=isinstance(error, faults.TooLarge),
    )


def _replay(body: bytes, receive: Receive) -> Receive:
    pending = [body]

    async def again() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return again


def application(fleet: Fleet, dispatcher: Dispatcher, ledger: Ledger) -> FastAPI:
    """Return the admin API. Put it behind a `Door`."""
    app = FastAPI(
        title="Airworthy serving",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _routes(app, fleet)
    _evidence(app, fleet, ledger)
    _dark_path(app, dispatcher)
    app.add_exception_handler(AirworthyError, _told)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _no_route)
    return app


def _routes(app: FastAPI, fleet: Fleet) -> None:
    @app.get("/endpoints")
    async def names() -> EndpointNames:
        return EndpointNames(endpoints=fleet.names)

    @app.get("/endpoints/{name}")
    async def observe(name: str) -> ObservationDocument:
        return ObservationDocument.of(fleet.observe(name))

    @app.put("/endpoints/{name}")
    async def apply(name: str, wanted: EndpointDocument) -> ObservationDocument:
        if wanted.name != name:
            raise BadInput("path and body name different endpoints", where=name, value=wanted.name)
        return ObservationDocument.of(await fleet.apply(wanted.value()))


def _evidence(app: FastAPI, fleet: Fleet, ledger: Ledger) -> None:
    @app.get("/endpoints/{name}/evidence/{revision}")
    async def evidence(name: str, revision: Annotated[int, Path(ge=0)]) -> EvidenceDocument:
        present = fleet.observe(name)
        ledger.begin(name, present.revision, present.fencing_token)
        return EvidenceDocument.of(ledger.evidence(name, revision))


def _dark_path(app: FastAPI, dispatcher: Dispatcher) -> None:
    @app.post("/endpoints/{name}/variants/{variant}/infer")
    async def infer(name: str, variant: str, request: Request) -> Response:
        request_id = request_id_of(intake.header(request.scope, b"x-request-id")).decode()
        body = await request.body()
        predicted = await dispatcher.predict(Asked(name, body, request_id, variant=variant))
        return Response(
            predicted.answer.body,
            predicted.answer.status,
            {
                "content-type": predicted.answer.content_type.decode("latin-1"),
                "x-request-id": request_id,
                "x-airworthy-variant": predicted.variant,
                "x-airworthy-version": predicted.version,
                "x-airworthy-revision": str(predicted.asked.revision),
            },
        )


def _response(error: AirworthyError, request: Request) -> Response:
    reply = refusal(error, request.url.path)
    headers = {name.decode(): value.decode() for name, value in reply.headers}
    return Response(reply.body, reply.status, headers)


async def _told(request: Request, error: Exception) -> Response:
    told = error if isinstance(error, AirworthyError) else AirworthyError(str(error))
    return _response(told, request)


async def _malformed(request: Request, error: Exception) -> Response:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    first = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problems[:8]]
    remedy = "See docs: an Endpoint as JSON"
    return _response(BadInput("; ".join(first), where="body", remedy=remedy), request)


async def _no_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    told = faults.UnknownEndpoint(
        "no such route", value=f"{request.method} {request.url.path[:80]}"
    )
    response = _response(told, request)
    if status == 405:
        response.headers["allow"] = "GET, PUT, POST"
    return response
