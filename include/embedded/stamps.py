"""What is already done: one small file for each phase, holding the digest of its inputs."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from include.embedded.home import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from include.embedded.home import Home


def digest(files: Iterable[Path], *words: str) -> str:
    """Return one SHA-256 over the names and contents of files and over words."""
    hasher = hashlib.sha256()
    for path in files:
        shown = path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path
        hasher.update(f"{shown}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    for word in words:
        hasher.update(f"{word}\0".encode())
    return hasher.hexdigest()


@contextmanager
def once(home: Home, phase: str, inputs: str) -> Iterator[bool]:
    """Yield whether a phase has to be done; stamp it when the block ends well.

    The old stamp goes before the work begins: an interrupted phase is done again.
    """
    stamp = home.root / "stamps" / phase
    needed = not is_set(home, phase, inputs)
    if needed:
        stamp.unlink(missing_ok=True)
    yield needed
    if needed:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(inputs, encoding="utf-8")


def is_set(home: Home, phase: str, inputs: str) -> bool:
    """Say whether a phase was done with these inputs."""
    stamp = home.root / "stamps" / phase
    return stamp.exists() and stamp.read_text(encoding="utf-8") == inputs


def is_done(home: Home, phase: str) -> bool:
    """Say whether a phase was done, with whatever inputs."""
    return (home.root / "stamps" / phase).exists()


def forget(home: Home, phase: str) -> None:
    """Make a phase run again next time."""
    (home.root / "stamps" / phase).unlink(missing_ok=True)
