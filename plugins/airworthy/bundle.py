"""The console's built files, and what Airflow's page is told about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi.staticfiles import StaticFiles

if TYPE_CHECKING:
    from fastapi import FastAPI

BUILT = Path(__file__).parent / "ui" / "dist"
MOUNT = "/static"


@dataclass(frozen=True)
class Page:
    """One page in Airflow's navigation, by the names that Airflow's plugin loader reads."""

    name: str
    bundle_url: str
    url_route: str
    icon: str
    icon_dark_mode: str
    destination: str = "nav"
    nav_top_level: bool = True


def serve(app: FastAPI, folder: Path = BUILT) -> None:
    """Let the control plane hand out the built files, behind its own door like all else."""
    if folder.is_dir():
        app.mount(MOUNT, StaticFiles(directory=folder), name="console")


def page(prefix: str, folder: Path = BUILT) -> Page | None:
    """Return the console's page, or nothing where the bundle is not built.

    Args:
        prefix: Where the control plane is mounted, with its leading slash.
        folder: Where the bundle is.
    """
    if not (folder / "airworthy.js").is_file():
        return None
    # Relative to the page's <base>; the digest in the query makes browsers fetch a new bundle.
    files = f"{prefix.lstrip('/')}{MOUNT}"
    digest = folder / ".digest"
    build = digest.read_text(encoding="utf-8")[:12] if digest.is_file() else "unknown"
    return Page(
        # The bundle sets `globalThis.Airworthy`, and Airflow's loader looks under this name.
        name="Airworthy",
        bundle_url=f"{files}/airworthy.js?build={build}",
        url_route="airworthy",
        icon=f"{files}/icon.svg",
        icon_dark_mode=f"{files}/icon-dark.svg",
    )
