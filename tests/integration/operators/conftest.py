"""Operators run without Airflow's database; its home is a folder of these tests."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from include.client.messages.registry import Version

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="airflow-of-tests-"))


@pytest.fixture
def live(run: Any, register: Any) -> Version:
    """Promote 1.0.0, and register 1.0.1 to be released."""
    from tests.support.release_run import FIRST

    register("a")
    run().through(*FIRST)
    version: Version = register("b")
    return version
