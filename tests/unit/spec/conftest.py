from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.errors import SpecInvalid

if TYPE_CHECKING:
    from include.spec.model import CompiledSpec

SMALL = (Path(__file__).parent / "small.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Bundle:
    """A DAG bundle in a temporary folder, with the little spec that tests change."""

    folder: Path

    @property
    def models(self) -> Path:
        return self.folder / "models"

    def write(self, text: str | bytes, file: str = "small.yaml") -> Path:
        path = self.models / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def compile(self, model: str = "small", environment: str = "embedded") -> CompiledSpec:
        # The step environment reads this file too, and has no Hydra.
        from include.spec.compile import compile_spec

        return compile_spec(self.models, model, environment)

    def problems(self, model: str = "small", environment: str = "embedded") -> list[str]:
        """Return the problems without the folder: ``small.yaml:1:1: …``."""
        with pytest.raises(SpecInvalid) as raised:
            self.compile(model, environment)
        prefix = f"{self.models.resolve()}/"
        assert all(line.startswith(prefix) for line in raised.value.problems)
        return [line.removeprefix(prefix) for line in raised.value.problems]


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    made = Bundle(tmp_path / "dags")
    made.write(SMALL)
    return made


@pytest.fixture
def small() -> str:
    return SMALL
