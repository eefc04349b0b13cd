"""Wanted states on disk, one file an endpoint: what a restarted daemon brings back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.serving import durable
from include.serving.documents import EndpointDocument

if TYPE_CHECKING:
    from pathlib import Path

    from include.serving.endpoint import Endpoint


@dataclass(frozen=True)
class Restored:
    """What was found on disk; ``problems`` holds one line for each file that was set aside."""

    endpoints: tuple[Endpoint, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class DesiredStates:
    """Wanted states below a folder."""

    folder: Path

    def save(self, endpoint: Endpoint) -> None:
        """Keep a wanted state; when this returns, no crash can lose it."""
        document = EndpointDocument.of(endpoint)
        durable.write(self._path(endpoint.name), document.model_dump_json(indent=2).encode())

    def load(self) -> Restored:
        """Read all states; a file that cannot be read is moved aside and the others go on."""
        endpoints: list[Endpoint] = []
        problems: list[str] = []
        for path in sorted(self.folder.glob("*.json")):
            try:
                endpoints.append(self._read(path))
            except (OSError, ValueError) as broken:
                problems.append(f"{durable.set_aside(path, broken)}; apply it again")
        return Restored(tuple(endpoints), tuple(problems))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    @staticmethod
    def _read(path: Path) -> Endpoint:
        endpoint = EndpointDocument.model_validate_json(path.read_bytes()).value()
        if endpoint.name != path.stem:
            raise ValueError(f"it is about endpoint {endpoint.name}")
        return endpoint
