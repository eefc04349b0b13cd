"""A driver in a process of its own that dies with SIGKILL right after a write."""

from __future__ import annotations

import multiprocessing
import os
import signal
from typing import TYPE_CHECKING

import kubernetes  # noqa: F401 - so that each new process has it already

from include.serving.documents import EndpointDocument
from include.serving.kserve.cluster import ACCESS
from include.serving.kserve.driver import KServeDriver
from operators.hooks.kubernetes import ApiServer
from tests.support.kserve_endpoint import installation

if TYPE_CHECKING:
    from pathlib import Path

    from include.serving.endpoint import Endpoint

LONGEST = 120.0


class Mortal(ApiServer):
    """An API server whose client dies after so many writes; 0: never."""

    left = 0

    def apply(self, path: str, manifest: str) -> str:
        answer = super().apply(path, manifest)
        self._written()
        return answer

    def patch(self, path: str, operations: str) -> str:
        answer = super().patch(path, operations)
        self._written()
        return answer

    def create(self, path: str, manifest: str) -> str:
        answer = super().create(path, manifest)
        if path != ACCESS:  # a question, whether a right is there
            self._written()
        return answer

    def delete(self, path: str) -> None:
        super().delete(path)
        self._written()

    def _written(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def drive(kubeconfig: str, namespace: str, wanted: str, writes: int) -> None:
    """Want an endpoint, given as JSON; die after so many writes."""
    server = Mortal(kubeconfig)
    server.left = writes
    endpoint = EndpointDocument.model_validate_json(wanted).value()
    KServeDriver(server, installation(namespace)).apply(endpoint)


def killed(kubeconfig: Path, namespace: str, wanted: Endpoint, writes: int = 1) -> bool:
    """Drive in a process that dies after so many writes; say whether it did."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    document = EndpointDocument.of(wanted).model_dump_json()
    process = context.Process(target=drive, args=(str(kubeconfig), namespace, document, writes))
    process.start()
    process.join(LONGEST)
    assert process.exitcode in {0, -signal.SIGKILL}, process.exitcode
    return process.exitcode != 0
