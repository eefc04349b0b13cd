"""The admission webhook: an HTTPS server that the API server asks, and its registration."""

from __future__ import annotations

import base64
import json
import ssl
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.support.kserve_controller import admission, cluster_api

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.kserve_controller.behaviour import Orders
    from tests.support.kserve_controller.certificate import Certificate
    from tests.support.kserve_controller.cluster_api import ClusterApi, Kind
    from tests.support.kserve_controller.settings import Settings

VALIDATOR = "inferenceservice.kserve-webhook-server.validator"
DEFAULTER = "inferenceservice.kserve-webhook-server.defaulter"


@dataclass(frozen=True)
class Webhook:
    """Answers the API server's questions.

    Args:
        settings: Reads the ConfigMap as it is now.
        orders: What tests tell it to do wrong.
    """

    settings: Callable[[], Settings]
    orders: Orders

    def serve(self, host: str, port: int, certificate: Certificate) -> ThreadingHTTPServer:
        """Return a server that listens; the caller runs and closes it."""
        server = ThreadingHTTPServer((host, port), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        return server

    def answer(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one question."""
        if path.partition("?")[0] == "/mutate":  # the API server adds its timeout as a query
            return self._defaulted(request)
        try:
            admission.validate(request["object"], request.get("oldObject"))
        except admission.Refused as refused:
            return {"allowed": False, "status": {"code": 403, "message": str(refused)}}
        return {"allowed": True}

    def _defaulted(self, request: dict[str, Any]) -> dict[str, Any]:
        there = request["object"]
        made = admission.defaulted(there, self.settings())
        patch = [
            {
                "op": "add",
                "path": "/metadata/annotations",
                "value": made["metadata"]["annotations"],
            },
            {"op": "replace", "path": "/spec", "value": made["spec"]},
        ]
        encoded = base64.b64encode(json.dumps(patch).encode()).decode()
        return {"allowed": True, "patchType": "JSONPatch", "patch": encoded}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                review = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if webhook.orders.read().webhook == "breaks":
                    self._say(500, {"message": "told to break"})
                    return
                request = review["request"]
                answer = {"uid": request["uid"], **webhook.answer(self.path, request)}
                self._say(200, {**review, "request": None, "response": answer})

            def _say(self, status: int, content: dict[str, Any]) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing: the API server tells its caller."""

        return Handler


@dataclass(frozen=True)
class Registration:
    """Makes the API server ask; in the namespaces of one stand-in alone.

    Args:
        api: The API server.
        name: Name of both configurations.
        selector: Label ``key=value`` of the namespaces.
    """

    api: ClusterApi
    name: str
    selector: str

    def register(self, url: str, authority: bytes) -> None:
        """Register the webhook at this address."""
        self.withdraw()
        for kind, title, path, what in self._parts():
            hook = {
                "name": title,
                "clientConfig": {
                    "url": f"{url}{path}",
                    "caBundle": base64.b64encode(authority).decode(),
                },
                "failurePolicy": "Fail",
                "sideEffects": "None",
                "timeoutSeconds": 5,
                "admissionReviewVersions": ["v1"],
                "namespaceSelector": {"matchLabels": dict([self.selector.split("=", 1)])},
                "rules": [_RULE],
            }
            content = {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": what,
                "metadata": {"name": self.name},
                "webhooks": [hook],
            }
            self.api.create(kind, content)

    def withdraw(self) -> None:
        """Take the registration away; without one nothing happens."""
        for kind, *_ in self._parts():
            self.api.delete(kind, "", self.name)

    def _parts(self) -> tuple[tuple[Kind, str, str, str], ...]:
        return (
            (cluster_api.MUTATING, DEFAULTER, "/mutate", "MutatingWebhookConfiguration"),
            (cluster_api.VALIDATING, VALIDATOR, "/validate", "ValidatingWebhookConfiguration"),
        )


_RULE = {
    "apiGroups": ["serving.kserve.io"],
    "apiVersions": ["v1beta1"],
    "operations": ["CREATE", "UPDATE"],
    "resources": ["inferenceservices"],
}
