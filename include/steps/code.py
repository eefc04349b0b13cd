"""The digest of the code that decides results: a change of it makes every step compute again.

Light, and the same in both environments: it reads the source files, it imports none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include import digest, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What stands elsewhere (commands, processes, pages, the serving daemon) may change freely.
PARTS = (
    "data",
    "digest.py",
    "evaluation",
    "libraries.py",
    "serving/features.py",
    "serving/loaded.py",
    "serving/package.py",
    "spec",
    "steps",
    "store",
    "tracking",
    "training",
    "verdict.py",
)


def code_digest() -> str:
    """Return the digest over path and content of every file that decides what a step produces."""
    root = settings.REPOSITORY / "include"
    files = sorted(path for part in PARTS for path in _sources(root / part))
    return digest.of_json([
        (path.relative_to(root).as_posix(), digest.of_bytes(path.read_bytes())) for path in files
    ])


def _sources(place: Path) -> Iterator[Path]:
    return place.rglob("*.py") if place.is_dir() else iter((place,))
