"""Layers as markers, and each environment collects only what its libraries can run."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
LAYERS = ("unit", "contract", "dags", "integration", "cluster", "soak")
IN_STEP_ENVIRONMENT = find_spec("sklearn") is not None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave a file out where the other environment has its libraries (`pytest.mark.steps`)."""
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    needs_steps = "pytest.mark.steps" in collection_path.read_text(encoding="utf-8")
    return True if needs_steps != IN_STEP_ENVIRONMENT else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the layer its folder names."""
    for item in items:
        layer = item.path.relative_to(ROOT).parts[0]
        if layer in LAYERS:
            item.add_marker(getattr(pytest.mark, layer))
