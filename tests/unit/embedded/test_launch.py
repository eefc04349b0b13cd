from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

from include.embedded import processes
from include.embedded.home import REPOSITORY, Home
from include.embedded.launch import environment_file

if TYPE_CHECKING:
    from pathlib import Path

SLEEP = "import time; print(1, flush=True); time.sleep(60)"


def launch(home: Home, name: str, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "include.embedded.launch", name, "--", *command],
        env={"PATH": os.environ["PATH"], "AIRWORTHY_HOME": str(home.root), "SHELL_ONLY": "1"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def tell(home: Home, name: str, instance: str) -> dict[str, str]:
    told = {processes.INSTANCE: instance, processes.SERVICE: name, "PATH": os.environ["PATH"]}
    path = environment_file(home.run, name)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(told))
    return told


def test_the_command_sees_exactly_its_environment(tmp_path: Path) -> None:
    home = Home(tmp_path)
    told = tell(home, "web", str(uuid.uuid4()))
    shown = launch(home, "web", sys.executable, "-c", "import os; print(dict(os.environ))")
    seen = eval(shown.stdout)
    assert {name: seen[name] for name in told} == told
    assert "SHELL_ONLY" not in seen


def test_leftovers_of_the_same_service_end_first(tmp_path: Path) -> None:
    home, instance = Home(tmp_path), str(uuid.uuid4())
    told = tell(home, "scheduler", instance)
    command = [sys.executable, "-c", SLEEP]
    with (
        subprocess.Popen(command, env=told, start_new_session=True) as orphan,
        subprocess.Popen(
            command, env={**told, processes.SERVICE: "web"}, start_new_session=True
        ) as neighbour,
    ):
        shown = launch(home, "scheduler", sys.executable, "-c", "print('became')")
        assert orphan.wait(5) == -15
        assert neighbour.poll() is None
        neighbour.kill()
    assert shown.stdout.splitlines() == [
        "scheduler: ended 1 process(es) of a previous life",
        "became",
    ]


def test_a_wrong_call_says_how(tmp_path: Path) -> None:
    shown = launch(Home(tmp_path), "web")
    assert shown.returncode != 0
    assert "usage" in shown.stderr
