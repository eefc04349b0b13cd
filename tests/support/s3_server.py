"""An S3 server of its own: moto behind a port, asked by the real clients."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from tests.support.cluster import wait_until
from tests.support.installation import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class S3Server:
    """A running server that has no account but takes any key.

    Args:
        url: Where it listens.
        bucket: An empty bucket.
    """

    url: str
    bucket: str

    @property
    def environ(self) -> dict[str, str]:
        """Return what a client has to be told."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY": "not-a-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }


@contextmanager
def s3_server(address: str = "127.0.0.1") -> Iterator[S3Server]:
    """Start a server with one bucket; this process is told where it is, and forgets it after.

    It takes the first word of a host's name for a bucket: ``address`` has to be one in numbers.
    """
    (port,) = free_ports(1)
    server = S3Server(f"http://{address}:{port}", f"store-{uuid4().hex[:12]}")
    command = [sys.executable, "-m", "moto.server", "-H", address, "-p", str(port)]
    with (
        pytest.MonkeyPatch.context() as patched,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process,
    ):
        try:
            for name, value in server.environ.items():
                patched.setenv(name, value)
            wait_until(lambda: _answers(server), 30)
            _forget()
            yield server
        finally:
            process.terminate()
            _forget()


def _answers(server: S3Server) -> bool:
    try:
        made = httpx.put(f"{server.url}/{server.bucket}", trust_env=False)
    except httpx.TransportError:
        return False
    return made.status_code == 200


def _forget() -> None:
    """Drop the clients that fsspec keeps: they know another server."""
    from s3fs import S3FileSystem

    S3FileSystem.clear_instance_cache()
