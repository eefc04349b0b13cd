"""What the suite leaves in its home, by name: a clean-up takes these and nothing else.

``AIRWORTHY_HOME`` may name a folder that holds more than our state.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from include.embedded import stamps

if TYPE_CHECKING:
    from include.embedded.home import Home

STATE = (
    "airflow",
    "airworthy.db*",
    "arrivals",
    "coverage.db*",
    "credentials.json",
    "demo",
    "demo.lock",
    "logs",
    "mlartifacts",
    "mlflow.db*",
    "run",
    "secrets",
    "serving",
    "store",
)
ENVIRONMENTS = ("venv", "wheel", "stamps", "install.lock")


def remove(home: Home, *, environments: bool) -> None:
    """Remove the state, and with ``environments`` also what set-up installed.

    The suite must be down.
    """
    names = (*STATE, *ENVIRONMENTS) if environments else STATE
    for path in [path for name in names for path in home.root.glob(name)]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    for phase in ("database-airflow", "database-mlflow", "database-ours", "airflow-settings"):
        stamps.forget(home, phase)
