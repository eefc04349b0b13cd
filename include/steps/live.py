"""The package of the live version, as a step is told of it by its options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.serving.package import verify

if TYPE_CHECKING:
    from pathlib import Path

    from include.steps.context import StepContext

CHAMPION = "champion"


@dataclass(frozen=True)
class Live:
    """The live version and its package, checked, in scratch."""

    version: str
    folder: Path


def live(context: StepContext) -> Live | None:
    """Return the live version; nothing where nothing is live.

    Option `champion` is the version and its package's URI, parted by a space; empty or missing
    while nothing is live.

    Raises:
        BadInput: The package lies outside the store.
        PackageTampered: The package is not the one that its name says.
    """
    version, _, uri = context.options.get(CHAMPION, "").rstrip("/").partition(" ")
    if not uri:
        return None
    home = f"{context.root}/packages/"
    if not uri.startswith(home) or ".." in uri:
        raise BadInput("not a package of this store", where=CHAMPION, value=uri, remedy=home)
    folder = context.scratch / CHAMPION
    folder.mkdir()
    context.store.fetch(uri, folder)
    verify(folder, expected=uri.removeprefix(home))
    return Live(version, folder)
