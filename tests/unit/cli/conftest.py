from __future__ import annotations

import shutil
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[3] / "dags/models"


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    """A bundle with one of the real models and the shared files, not compiled."""
    folder = tmp_path / "dags"
    shutil.copytree(MODELS / "defaults", folder / "models/defaults")
    shutil.copy(MODELS / "bike_demand.yaml", folder / "models/bike_demand.yaml")
    return folder
