"""Small files that are whole or absent, also after the power went."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pydantic import ValidationError

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``; when this returns, the data is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def set_aside(path: Path, broken: Exception) -> str:
    """Move a file that cannot be read out of the way; return a line that says so."""
    target = next(
        candidate
        for number in range(1, 10_000)
        if not (candidate := path.with_name(f"{path.name}.corrupt-{number}")).exists()
    )
    path.rename(target)
    reason = (
        "; ".join(error["msg"] for error in broken.errors()[:3])
        if isinstance(broken, ValidationError)
        else str(broken)
    )
    return f"{path.name} cannot be read ({reason}): moved to {target.name}"
