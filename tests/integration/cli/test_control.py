"""The commands become the processes of the control plane; here one that ends by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from include.access.principal import Scope, system
from include.audit.occurrence import Occurrence
from include.clock import SystemClock
from plugins.airworthy.api.migrate import upgrade
from plugins.airworthy.api.storage.work import Database

if TYPE_CHECKING:
    from pathlib import Path


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from include.cli.control import app; app()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "AIRWORTHY_HOME": str(home), "AIRWORTHY_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_audit_events_are_listed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/airworthy.db"
    upgrade(url)
    database = Database(url, SystemClock())
    for number in range(3):
        with database.writing(system(Scope("default", "embedded"))) as work:
            work.tell(Occurrence("access.denied", "route", str(number)))
    database.close()
    listed = run(tmp_path, "audit", "list", "--limit=2")
    assert listed.returncode == 0, listed.stderr
    events = [json.loads(line) for line in listed.stdout.splitlines()]
    assert [event["object_id"] for event in events] == ["0", "1"]
    rest = run(tmp_path, "audit", "list", f"--after={events[-1]['id']}")
    assert [json.loads(line)["object_id"] for line in rest.stdout.splitlines()] == ["2"]
    wrong = run(tmp_path, "audit", "list", "--after=nothing")
    assert wrong.returncode == 1
    assert "no such event" in wrong.stderr
