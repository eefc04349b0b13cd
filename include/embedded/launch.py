"""The first code of each program: ``python -m include.embedded.launch NAME -- COMMAND``.

Reads the program's environment from the private file that ``supervision`` wrote, ends what a killed
predecessor left behind (a killed scheduler leaves LocalExecutor workers), and becomes the command.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from include.embedded.home import home
from include.embedded.processes import INSTANCE, SERVICE, sweep

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def environment_file(run: Path, name: str) -> Path:
    """Return where the environment of a program is written."""
    return run / "environment" / f"{name}.json"


def main(arguments: Sequence[str]) -> None:
    """Become the command after ``--``; does not return."""
    name, separator, *command = arguments
    if separator != "--" or not command:
        sys.exit("usage: python -m include.embedded.launch NAME -- COMMAND")
    told: dict[str, str] = json.loads(
        environment_file(home().run, name).read_text(encoding="utf-8")
    )
    ended = sweep(told[INSTANCE], service=told[SERVICE], grace=3.0)
    if ended:
        print(f"{name}: ended {ended} process(es) of a previous life", flush=True)
    os.execve(command[0], command, told)  # noqa: S606 - becoming the command is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
