"""Stands between a client and the API server of a cluster, and may go away for a while."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import threading
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cluster import Cluster


class ApiProxy:
    """Hands bytes on to the API server, except while it is ``away``."""

    def __init__(self, cluster: Cluster) -> None:
        view = cluster.kubectl("config", "view", "--raw", "--flatten", "--minify", "-o", "json")
        self._config: dict[str, Any] = json.loads(view)
        address = urlsplit(self._config["clusters"][0]["cluster"]["server"])
        self._target = (str(address.hostname), int(address.port or 443))
        self._name = str(address.hostname)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._is_away = False
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.go()
        self._listener.close()

    def kubeconfig(self, folder: Path) -> Path:
        """Write a kubeconfig that leads through the proxy."""
        config = json.loads(json.dumps(self._config))
        config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{self.port}"
        config["clusters"][0]["cluster"]["tls-server-name"] = self._name
        path = folder / "proxied-kubeconfig"
        path.write_text(json.dumps(config))
        return path

    def go(self) -> None:
        """Cut every connection, and each new one at once."""
        self._is_away = True
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def come_back(self) -> None:
        """Hand on again."""
        self._is_away = False

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._handle, args=(client,), daemon=True).start()

    def _handle(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            if self._is_away:
                return
            with socket.create_connection(self._target) as server:
                self._open |= {client, server}
                try:
                    _exchange(client, server)
                finally:
                    self._open -= {client, server}


def _exchange(one: socket.socket, other: socket.socket) -> None:
    peers = {one: other, other: one}
    while True:
        ready, _, _ = select.select(list(peers), [], [])
        for sock in ready:
            data = sock.recv(1 << 16)
            if not data:
                return
            peers[sock].sendall(data)
