"""What a test tells the stand-in to do wrong, by a file that it looks at before each thing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Behaviour:
    """How the stand-in behaves.

    Attributes:
        delay: Seconds that each pass waits first, as a busy controller would.
        paused: Whether no pass is done at all, as while a controller is away.
        webhook: ``admits``, ``breaks`` (status 500, as while no webhook answers).
    """

    delay: float = 0.0
    paused: bool = False
    webhook: str = "admits"


@dataclass(frozen=True)
class Orders:
    """The file with the behaviour; without one all is well."""

    file: Path | None = None

    def read(self) -> Behaviour:
        if self.file is None or not self.file.exists():
            return Behaviour()
        return Behaviour(**json.loads(self.file.read_text(encoding="utf-8")))

    def write(self, behaviour: Behaviour) -> None:
        assert self.file is not None
        draft = self.file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(behaviour)), encoding="utf-8")
        draft.replace(self.file)
