"""Layers as markers, and each environment collects only what its libraries can run."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

pytest_plugins = (
    "tests.support.airflow_tasks",
    "tests.support.control_plane",
    "tests.support.release_fixtures",
    "tests.support.scripted_server",
    "tests.support.served_releases",
    "tests.support.soak",
    "tests.support.standalone_api",
)
ROOT = Path(__file__).parent
LAYERS = ("unit", "contract", "dags", "integration", "cluster", "soak")
IN_STEP_ENVIRONMENT = find_spec("sklearn") is not None


def is_of_the_other_environment(file: Path) -> bool:
    needs_steps = "pytest.mark.steps" in file.read_text(encoding="utf-8")
    return needs_steps != IN_STEP_ENVIRONMENT


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave a file out where the other environment has its libraries (`pytest.mark.steps`).

    A folder of such files is left out as a whole, so that its conftest.py is not imported.
    """
    if collection_path.is_dir():
        files = list(collection_path.rglob("test_*.py"))
        return True if files and all(map(is_of_the_other_environment, files)) else None
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    return True if is_of_the_other_environment(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the layer its folder names."""
    for item in items:
        layer = item.path.relative_to(ROOT).parts[0]
        if layer in LAYERS:
            item.add_marker(getattr(pytest.mark, layer))


class Toy:
    """A small model and its rows: every column type, a missing value, a protected column."""

    columns = (
        ("income", "number", "feature", {"minimum": -100, "maximum": 100}),
        ("years", "integer", "feature", {"nullable": True}),
        ("owner", "boolean", "feature", {}),
        ("town", "category", "feature", {"nullable": True}),
        ("grade", "category", "feature", {"allowed": (1, 2, 3)}),
        ("group", "category", "protected", {}),
        ("verdict", "integer", "target", {"available_at": "decision"}),
        ("late", "number", "excluded", {"available_at": "later"}),
    )

    def spec(self, **changes):
        """Return the spec; ``changes`` replace parts of it."""
        from include.spec.model import Spec

        columns = [
            {"name": name, "type": kind, "role": role, "available_at": "application", **more}
            for name, kind, role, more in self.columns
        ]
        source = {"uri": "{arrivals}/{partition}.csv"}
        parts = {
            "model": "toy",
            "title": "Toy",
            "purpose": "Tests",
            "owner": {"team": "tests", "email": "tests@example.org"},
            "materiality": "low",
            "task": "classification",
            "data": {"source": source, "partitioning": "named", "columns": columns},
            "split": {"kind": "hash"},
            "training": {"candidates": ["logistic"]},
            "evaluation": {"metrics": ["auc", "brier"], "intervals": {"resamples": 200}},
            "gates": [{"name": "ranks", "metric": "auc", "at_least": 0.55}],
            "release": {"endpoint": "toy"},
        }
        return Spec.model_validate(parts | changes)

    def regression(self, **changes):
        """Return the spec as a regression."""
        own = {
            "task": "regression",
            "training": {"candidates": ["ridge"]},
            "evaluation": {"metrics": ["rmse", "r2"], "intervals": {"resamples": 200}},
            "gates": [{"name": "close", "metric": "rmse", "at_most": 0.6}],
        }
        return self.spec(**(own | changes))

    def rows(self, count=240, seed=7):
        """Return typed rows, indexed by row key."""
        import hashlib

        import numpy as np
        import pandas as pd

        random = np.random.default_rng(seed)
        frame = pd.DataFrame({
            "income": random.normal(size=count),
            "years": pd.array(random.integers(0, 9, count), dtype="Int64"),
            "owner": pd.array(random.random(count) > 0.5, dtype="boolean"),
            "town": pd.Series(random.choice(["Ames", "Bath", "Cork"], count), dtype="string"),
            "grade": pd.Series(random.choice(["1", "2", "3"], count), dtype="string"),
            "group": pd.Series(random.choice(["a", "b"], count), dtype="string"),
            "late": random.normal(size=count),
        })
        noise = random.normal(size=count)
        frame["verdict"] = (frame["income"] + noise > 0).astype("Int64")
        if count > 8:
            frame.loc[3, "years"] = pd.NA
            frame.loc[5, "town"] = pd.NA
        keys = [hashlib.sha256(f"{seed}-{row}".encode()).hexdigest() for row in range(count)]
        frame.index = pd.Index(keys, name="_row_key")
        return frame


@pytest.fixture(scope="session")
def toy():
    """Return the small model of the tests."""
    return Toy()
