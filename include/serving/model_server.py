"""One model package behind a KServe ``ModelServer``: V1 and V2 (Open Inference Protocol) on HTTP.

``python -m include.serving.model_server --package FOLDER --name NAME --version V --port P``

The port opens only after the package was verified, loaded and has answered its probe rows as
recorded, so whoever reaches the server reaches a model that works. SIGTERM lets requests in flight
finish. A server that cannot start prints one ``step_failed`` line and ends with a typed exit code.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
import time
import uuid
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import uvicorn
from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from kserve.errors import InvalidInput
from kserve.protocol.rest.server import RESTServer
from prometheus_client import REGISTRY

from include import logs
from include.errors import AirworthyError, BadInput, InfrastructureError, Rejected
from include.rollout.stages import version_of
from include.serving.exposed import Counting, Exposed
from include.serving.features import shown
from include.serving.guard import Guard
from include.serving.inference import PREFERRED, Tensor, from_instances, from_tensors
from include.serving.loaded import Answers, LoadedPackage, load
from include.serving.refusing import add_handlers
from include.spec.model import Task
from include.steps.contract import ExitCode, StepFailure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    import fastapi

    from include.serving.features import Batch

HOST = "127.0.0.1"
GRACE_SECONDS = 20


class PackagedModel(Model):
    """A loaded package as KServe asks it."""

    def __init__(self, name: str, version: str, package: LoadedPackage) -> None:
        super().__init__(name)
        self.version = version
        self.package = package
        is_share = package.contract.task is Task.CLASSIFICATION
        self.exposed = Exposed(name, version, is_share=is_share)
        self.ready = True

    def get_input_types(self) -> list[dict[str, Any]]:
        """Return the inputs as V2 metadata: one tensor of shape [-1] a column."""
        return [
            {"name": rule.column.name, "datatype": PREFERRED[rule.column.type], "shape": [-1]}
            for rule in self.package.contract.features
        ]

    def get_output_types(self) -> list[dict[str, Any]]:
        """Return the outputs as V2 metadata."""
        outputs = _outputs(self.package, Answers((), ()))
        return [
            {"name": output.name, "datatype": output.datatype, "shape": [-1]} for output in outputs
        ]

    def predict(
        self, payload: dict[str, Any] | InferRequest, headers: dict[str, str] | None = None
    ) -> dict[str, Any] | InferResponse:
        """Answer one request of either protocol.

        Raises:
            InvalidInput: the request does not keep the model's contract.
        """
        del headers
        try:
            if isinstance(payload, InferRequest):
                return self._second(payload)
            return self._first(payload)
        except BadInput as error:
            raise InvalidInput(str(error)) from error

    def _first(self, payload: object) -> dict[str, Any]:
        if not isinstance(payload, dict) or "instances" not in payload:
            raise BadInput("the body has no `instances`")
        batch = from_instances(self.package.contract, payload["instances"])
        answers = self.package.answer(batch)
        body: dict[str, Any] = {"predictions": list(answers.values)}
        if self.package.contract.task is Task.CLASSIFICATION:
            body["probabilities"] = list(answers.scores)
        self.exposed.predicted(answers.scores)
        return body | {"model_version": self.version} | _parameters(batch)

    def _second(self, request: InferRequest) -> InferResponse:
        tensors = tuple(
            Tensor(item.name, item.datatype, tuple(item.shape), item.data or ())
            for item in request.inputs
        )
        batch = from_tensors(self.package.contract, tensors)
        answers = self.package.answer(batch)
        outputs = _asked(request, _outputs(self.package, answers))
        self.exposed.predicted(answers.scores)
        return InferResponse(
            response_id=_request_id(request),
            model_name=self.name,
            model_version=self.version,
            infer_outputs=outputs,
            parameters=_parameters(batch) or None,
        )


def _outputs(package: LoadedPackage, answers: Answers) -> list[InferOutput]:
    contract = package.contract
    count = [len(answers.values)]
    if contract.task is Task.REGRESSION:
        return [InferOutput("predictions", count, "FP64", list(answers.values))]
    kind = "BYTES" if isinstance(contract.positive, str) else "INT64"
    positive = {"positive": str(contract.positive)}
    return [
        InferOutput("predictions", count, kind, list(answers.values)),
        InferOutput("probabilities", count, "FP64", list(answers.scores), positive),
    ]


def _asked(request: InferRequest, outputs: list[InferOutput]) -> list[InferOutput]:
    """Return the outputs that the request names, or all of them where it names none."""
    names = [output.name for output in request.request_outputs or ()]
    able = {output.name: output for output in outputs}
    strange = next((name for name in names if name not in able), None)
    if strange is not None:
        raise BadInput("no such output", value=shown(strange), remedy=f"Known: {', '.join(able)}")
    return [able[name] for name in names] if names else outputs


def _request_id(request: InferRequest) -> str:
    """Return the id to answer under; JSON may hold text that no answer can be encoded with."""
    return (request.id or str(uuid.uuid4())).encode("utf-8", "backslashreplace").decode()


def _parameters(batch: Batch) -> dict[str, str]:
    """Say which category values the model never saw: they count as none of the known ones."""
    return {"unknown_categories": "; ".join(batch.unknown)} if batch.unknown else {}


class LoopbackServer(RESTServer):
    """KServe's REST server on a socket of ours, guarded, without an access log."""

    def __init__(self, server: ModelServer, version: str, exposed: Exposed) -> None:
        extension = server.model_repository_extension
        super().__init__("kserve.model_server:app", server.dataplane, extension, server.http_port)
        self.version, self.exposed = version, exposed
        self.config = uvicorn.Config(
            "kserve.model_server:app",
            host=HOST,
            port=server.http_port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        self._server = uvicorn.Server(self.config)

    def _add_middlewares(self, app: fastapi.FastAPI) -> None:
        app.add_middleware(Guard, version=self.version)
        # The last one added stands outermost: what the guard refuses counts too.
        app.add_middleware(Counting, exposed=self.exposed)

    def _add_exception_handlers(self, app: fastapi.FastAPI) -> None:
        super()._add_exception_handlers(app)
        add_handlers(app)

    async def serve(self, listener: socket.socket) -> None:
        """Serve on ``listener`` until a signal, then let requests in flight finish."""
        self.create_application()
        await self._server.serve(sockets=[listener])


def serve(package: LoadedPackage, name: str, version: str, listener: socket.socket) -> None:
    """Serve one package on ``listener`` until SIGTERM or SIGINT; requests in flight finish first.

    Uvicorn sends itself the signal again when it has finished, so the handler must end the process.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    # KServe's routes use a response class that FastAPI is about to drop.
    warnings.filterwarnings("ignore", message="ORJSONResponse is deprecated")
    model = PackagedModel(name, version, package)
    server = ModelServer(
        http_port=listener.getsockname()[1], enable_grpc=False, enable_latency_logging=False
    )
    server.register_model(model)
    logging.getLogger("kserve").setLevel(logging.WARNING)
    REGISTRY.register(model.exposed)
    asyncio.run(LoopbackServer(server, version, model.exposed).serve(listener))


def _end(number: int, frame: FrameType | None) -> None:
    del number, frame
    sys.exit(int(ExitCode.DONE))


def bind(port: int, host: str = HOST) -> socket.socket:
    """Return a bound socket that does not listen yet.

    Raises:
        InfrastructureError: the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        remedy = "Choose another, or stop who has it"
        raise InfrastructureError("the port is taken", value=port, remedy=remedy) from error
    return listener


def main(arguments: Sequence[str] | None = None) -> int:
    """Load and serve; return the exit code."""
    started = time.monotonic()
    logs.configure()
    options = _options(arguments)
    try:
        listener = bind(options.port, options.host)
        package = load(options.package, expected=options.digest)
    except AirworthyError as error:
        return _failed(error)
    logs.get("model_server").info(
        "model_loaded",
        name=options.name,
        version=options.version,
        package=package.manifest.digest,
        seconds=round(time.monotonic() - started, 3),
        memory_bytes=psutil.Process(os.getpid()).memory_info().rss,
    )
    serve(package, options.name, options.version, listener)
    return int(ExitCode.DONE)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="model_server", allow_abbrev=False)
    parser.add_argument("--package", type=Path, required=True, help="folder of the package")
    parser.add_argument("--name", required=True, help="name in the request paths")
    told = parser.add_mutually_exclusive_group(required=True)
    told.add_argument("--version", help="model version, said in each answer")
    told.add_argument("--variant", dest="version", type=version_of, help="name that tells it")
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    parser.add_argument("--host", default=HOST, help=f"address to listen on (default: {HOST})")
    parser.add_argument("--digest", default="", help="digest that the package must have")
    return parser.parse_args(arguments)


def _failed(error: AirworthyError) -> int:
    failure = StepFailure(
        error=type(error).__name__,
        what=error.what,
        where=error.where,
        value="" if error.value is None else str(error.value),
        remedy=error.remedy,
    )
    sys.stdout.write(json.dumps(failure.model_dump()) + "\n")
    if isinstance(error, InfrastructureError):
        return int(ExitCode.INFRASTRUCTURE)
    return int(ExitCode.REJECTED if isinstance(error, Rejected) else ExitCode.BAD_INPUT)


if __name__ == "__main__":
    sys.exit(main())
