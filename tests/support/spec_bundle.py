"""A DAG bundle in a temporary folder with one little spec, and the ways in which it is damaged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.errors import SpecInvalid

if TYPE_CHECKING:
    from include.spec.model import CompiledSpec

SMALL = Path(__file__).with_name("small.yaml").read_text(encoding="utf-8")
# What damaged lines are put together from.
FRAGMENTS = (
    "${", "}", "${title}", "${oc.decode:x}", "${no:thing}", "&a", "*a", "<<: ", "? ", "- ", ": ",
    "!!", "!!python/object:x ", "!!set ", "!!binary ", "1: ", "null: ", "[", "]", "{", "{a: 1}",
    "|", ">", "'", '"', "#", "%YAML", "---", "...", "???", "defaults: ", "defaults/x", "data",
    "model", "gates: ", "title", "columns: ", ".nan", "-.inf", "0x10", "2026-01-01", "1e400",
    "true", "_self_", "@", ",",
)  # fmt: skip


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

    def is_fine_or_placed(self, where: int, line: str) -> bool:
        """Replace a line, check that each problem has a place; say whether there is none."""
        lines = SMALL.split("\n")
        lines[where] = line
        self.write("\n".join(lines))
        problems: tuple[str, ...] = ()
        try:
            self.compile()
        except SpecInvalid as error:
            problems = error.problems or ("said nothing",)
        for problem in problems:
            assert re.search(r"\.yaml:\d+:\d+: ", problem), (where, line, problem)
            assert "\n" not in problem, (where, line, problem)
        return not problems
