"""Repetitions in two sizes: a slice for every run, the full number for the record in docs/soak."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parents[2] / "docs" / "soak"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--slice",
        action="store_true",
        help="soak tests: a small fixed number of rounds, and nothing written to docs/soak",
    )


@pytest.fixture
def is_slice(pytestconfig: pytest.Config) -> bool:
    """Say whether only a slice of the soak is run."""
    return bool(pytestconfig.getoption("--slice"))


@pytest.fixture
def rounds(is_slice: bool) -> Callable[..., int]:
    """Return what chooses a number of rounds: ``rounds(full=20, slice=2)``."""
    return lambda *, full, slice: slice if is_slice else full


@pytest.fixture
def record(is_slice: bool) -> Callable[..., None]:
    """Return what prints figures and, when all rounds were run, keeps them in docs/soak."""

    def write(
        name: str, *, counts: dict[str, int], figures: dict[str, Any], seed: int | None = None
    ) -> None:
        said = {"name": name, "seed": seed, "counts": counts, "figures": rounded(figures)}
        print(json.dumps(said))
        if is_slice:
            return
        machine = {"cores": os.cpu_count(), "python": platform.python_version()}
        kept = {**said, "date": datetime.now(UTC).date().isoformat(), "machine": machine}
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")

    return write


def rounded(value: Any) -> Any:
    """Round floats to three decimals, at any depth."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    return round(value, 3) if isinstance(value, float) else value
