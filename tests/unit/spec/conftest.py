from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.spec_bundle import SMALL, Bundle

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    made = Bundle(tmp_path / "dags")
    made.write(SMALL)
    return made


@pytest.fixture
def small() -> str:
    return SMALL
