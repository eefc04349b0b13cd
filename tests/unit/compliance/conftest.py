"""A live version with all its evidence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.compliance import Held


@pytest.fixture
def held(compiled: Any) -> Held:
    return Held(compiled)
