"""Where the command line finds the specs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from include import settings
from include.errors import BadInput


@dataclass(frozen=True)
class Folders:
    """The DAG bundle with its specs; ``docs`` beside it takes the generated pages."""

    dags: Path

    @property
    def models(self) -> Path:
        """Where people write specs."""
        return self.dags / "models"

    @property
    def compiled(self) -> Path:
        """Where the compiled specs go."""
        return self.dags / "compiled"

    @property
    def reference(self) -> Path:
        """Where the generated pages go."""
        return self.dags.parent / "docs" / "reference"


def folders(dags: Path | None) -> Folders:
    """Return the folders under ``dags``; without it, those here or else of the installation.

    Raises:
        BadInput: there are no specs.
    """
    here = Path("dags")
    chosen = dags or (here if (here / "models").is_dir() else settings.REPOSITORY / "dags")
    if not (chosen / "models").is_dir():
        raise BadInput("no folder of models", where=f"{chosen}/models", remedy="Give --dags")
    return Folders(chosen)
