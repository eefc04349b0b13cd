"""The model servers that run, on disk: whom a restarted daemon may adopt, and whom it must end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from include.serving import durable

if TYPE_CHECKING:
    from pathlib import Path


class ServerRecord(BaseModel):
    """One model server. A pid alone may have been given away; with its start time it has not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    replica: str
    endpoint: str
    variant: str
    version: str
    package_uri: str
    package_digest: str
    pid: int
    started: float
    port: int


class _Records(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    servers: tuple[ServerRecord, ...]


class ServerRecords:
    """The records in one file, rewritten on each change; called from worker threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._servers: dict[str, ServerRecord] = {}
        self._names: set[str] = set()

    def load(self) -> tuple[ServerRecord, ...]:
        """Return the records of the daemon's previous life; an unreadable file counts as none."""
        try:
            found = _Records.model_validate_json(self._path.read_bytes()).servers
        except (OSError, ValidationError):
            return ()
        self._servers = {record.replica: record for record in found}
        self._names = set(self._servers)
        return found

    def reserve(self, stem: str) -> str:
        """Return a name for a replica that no other has: ``stem`` with the lowest free number."""
        names = (f"{stem}-{number}" for number in range(len(self._names) + 1))
        name = next(name for name in names if name not in self._names)
        self._names.add(name)
        return name

    def release(self, replica: str) -> None:
        """Give a name back."""
        self._names.discard(replica)

    def put(self, record: ServerRecord) -> None:
        """Keep the record of a started or adopted server."""
        with self._lock:
            self._servers[record.replica] = record
            self._write()

    def drop(self, replica: str) -> None:
        """Forget a server that has ended."""
        with self._lock:
            if self._servers.pop(replica, None) is not None:
                self._write()

    def _write(self) -> None:
        records = _Records(servers=tuple(self._servers.values()))
        durable.write(self._path, records.model_dump_json(indent=2).encode())
