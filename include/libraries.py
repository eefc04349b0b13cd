"""Which version of a library is installed, whatever its build is called."""

from __future__ import annotations

from importlib import metadata

_WITHOUT_GPU = "-cpu"


def version(name: str) -> str:
    """Return the version of a library, also where only its build without GPU code is installed.

    Raises:
        importlib.metadata.PackageNotFoundError: neither is.
    """
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return metadata.version(f"{name}{_WITHOUT_GPU}")
