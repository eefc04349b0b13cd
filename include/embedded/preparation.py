"""What stands between installed environments and a suite that can start: databases and settings."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from include.embedded import console, credentials, environment, stamps
from include.embedded.home import REPOSITORY
from include.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from include.embedded.home import Home

CONSOLE = REPOSITORY / "plugins" / "airworthy" / "ui"
AIRFLOW_SETTINGS = REPOSITORY / "airflow_settings.yaml"
_MIGRATION_SECONDS = 300


def migrate(home: Home, say: Callable[[str], None]) -> None:
    """Bring the three databases to the newest schema; what is there already costs nothing.

    Raises:
        InfrastructureError: A migration failed; its output is in ``logs/``.
    """
    credentials.ensure(home)
    python, steps = str(home.orchestrator), str(home.steps)
    airflow = environment.airflow(home)
    ours = {**environment.shared(home), **environment.control_plane(home)}
    lock = REPOSITORY / "requirements"
    plan = (
        ("airflow", (python, "-m", "airflow", "db", "migrate"), airflow, [lock / "bootstrap.in"]),
        ("mlflow", (steps, "-m", "include.tracking.migrate"), ours, [lock / "bootstrap.in"]),
        ("ours", (python, "-m", "plugins.airworthy.api.migrate"), ours, _migrations()),
    )
    for name, command, told, inputs in plan:
        digest = stamps.digest([*inputs, *_locks()], str(told.get("AIRWORTHY_DATABASE_URL", "")))
        with stamps.once(home, f"database-{name}", digest) as needed:
            if needed:
                say(f"migrating the database of {name}")
                run(command, told, home.logs / f"migrate-{name}.log")


def build_console(home: Home, say: Callable[[str], None]) -> None:
    """Build the console's bundle where its sources are; an up-to-date one costs nothing."""
    if (CONSOLE / "package.json").exists() and console.build(home.bootstrap, CONSOLE):
        say("console built")


def _migrations() -> list[Path]:
    return sorted((REPOSITORY / "plugins" / "airworthy" / "api").rglob("*.py"))


def _locks() -> list[Path]:
    return sorted((REPOSITORY / "requirements").glob("*.txt"))


def load_airflow_settings(home: Home, say: Callable[[str], None]) -> None:
    """Write connections, pools and variables of ``airflow_settings.yaml`` into Airflow's database.

    Raises:
        InfrastructureError: The loader failed.
    """
    told = {
        **environment.airflow(home),
        **environment.control_plane(home),
        **environment.serving(home),
    }
    relevant = [
        f"{name}={value}"
        for name, value in sorted(told.items())
        if name.startswith(("AIRWORTHY_", "SLACK_")) and name != "AIRWORTHY_INSTANCE"
    ]
    with stamps.once(
        home, "airflow-settings", stamps.digest([AIRFLOW_SETTINGS], *relevant)
    ) as needed:
        if needed:
            command = (
                str(home.orchestrator),
                "-m",
                "plugins.airworthy.settings_file",
                str(AIRFLOW_SETTINGS),
            )
            for line in run(command, told, home.logs / "airflow-settings.log").splitlines():
                if line.startswith("airflow_settings"):
                    say(line)


def run(command: Sequence[str], told: Mapping[str, str], log: Path) -> str:
    """Run a command to its end, keep its output in ``log`` and return it.

    Raises:
        InfrastructureError: It failed or took too long.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as sink:
        try:
            code = subprocess.run(
                list(command),
                env={**os.environ, **told} if not told else dict(told),
                cwd=REPOSITORY,
                stdout=sink,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                timeout=_MIGRATION_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
    text = log.read_text(encoding="utf-8", errors="replace")
    if code:
        last = text.strip().splitlines()[-1:] or ["no output"]
        raise InfrastructureError(
            f"`{' '.join(command[1:])}` failed: {last[0][:200]}", remedy=f"Read {log}"
        )
    return text
