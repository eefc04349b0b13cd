"""Model servers as processes: how they start, refuse to, and end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from include import digest
from include.serving.package import seal, verify
from tests.integration.serving.test_model_server import package, server
from tests.support.model_server_process import (
    GOOD,
    START_SECONDS,
    Server,
    ended,
    free_port,
    launch,
    listening,
    running,
)

__all__ = ["package", "server"]
pytestmark = [pytest.mark.steps, pytest.mark.filterwarnings("ignore")]


class TestStarting:
    def failure(self, package, port=None, *more):
        process = launch(package, port or free_port(), *more)
        output = process.communicate(timeout=START_SECONDS)[0]
        return process.returncode, json.loads(output.splitlines()[-1])

    def test_tampered_package(self, package, tmp_path):
        shutil.copytree(package, tmp_path / "copy")
        path = tmp_path / "copy" / "contract.json"
        path.write_bytes(path.read_bytes().replace(b"100", b"999"))
        code, failure = self.failure(tmp_path / "copy")
        assert (code, failure["error"]) == (20, "PackageTampered")
        assert failure["where"].endswith("contract.json")

    def test_another_package_than_asked_for(self, package):
        code, failure = self.failure(package, None, f"--digest={'0' * 64}")
        assert (code, failure["error"]) == (20, "PackageTampered")

    def test_probe_answered_differently(self, package, tmp_path):
        """A well-made package whose model is another one than its probe was recorded with."""
        folder = tmp_path / "copy"
        shutil.copytree(package, folder)
        document = json.loads((folder / "probe.json").read_text())
        document["scores"][2] += 0.001
        (folder / "probe.json").write_bytes(digest.canonical(document))
        seal(folder, model="toy", model_digest=verify(package).model_digest)
        code, failure = self.failure(folder)
        assert (code, failure["error"]) == (10, "Rejected")
        assert "probe row 2" in failure["what"]

    def test_port_taken(self, package, server):
        code, failure = self.failure(package, server.port)
        assert (code, failure["what"]) == (30, "the port is taken")


class TestDraining:
    def test_request_in_flight_is_answered_after_sigterm(self, package):
        server = running(package)
        body = json.dumps({"instances": [GOOD]}).encode()
        head = (
            "POST /v1/models/toy:predict HTTP/1.1\r\nHost: toy\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
                connection.sendall(head + body[:10])
                time.sleep(0.3)
                os.kill(server.process.pid, signal.SIGTERM)
                time.sleep(0.5)
                with pytest.raises(httpx.TransportError):
                    httpx.get(f"http://127.0.0.1:{server.port}/v2/health/ready", timeout=2)
                connection.sendall(body[10:])
                answer = connection.recv(65536)
        finally:
            output = ended(server)
        assert answer.startswith(b"HTTP/1.1 200")
        assert server.process.returncode == 0
        assert "Traceback" not in output


def test_a_variant_tells_the_version_and_pods_listen_on_every_address(package):
    port = free_port()
    command = [sys.executable, "-m", "include.serving.model_server", f"--package={package}"]
    options = ["--name=toy", "--variant=v1_20_3", f"--port={port}", "--host=0.0.0.0"]
    process = subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    server = Server(process, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20), port)
    try:
        listening(server)
        assert server.row().json()["model_version"] == "1.20.3"
        sockets = psutil.Process(process.pid).connections()
        assert {one.laddr.ip for one in sockets if one.laddr.port == port} >= {"0.0.0.0"}
    finally:
        ended(server)


def test_neither_version_nor_variant_is_no_way_to_start(package):
    command = [sys.executable, "-m", "include.serving.model_server", f"--package={package}"]
    done = subprocess.run(
        [*command, "--name=toy", "--port=1"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--version --variant" in done.stderr
