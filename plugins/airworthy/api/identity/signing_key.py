"""The key of workload tokens. It is no key of Airflow's: who holds that one signs nothing here."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from include.errors import BadInput

if TYPE_CHECKING:
    from include.settings import Settings

BYTES = 32
NAME = "control_plane.key"


def load(settings: Settings) -> bytes:
    """Return the key of the environment, else of the private file, made where there is none.

    Raises:
        BadInput: The key is too short, or others may read the file.
    """
    if settings.signing_key:
        return _checked(settings.signing_key.encode(), "AIRWORTHY_SIGNING_KEY")
    path = settings.home / "secrets" / NAME
    if not path.exists():
        _create(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise BadInput(
            "others may read the signing key",
            where=str(path),
            value=oct(mode),
            remedy="Delete it and start again; every token given so far ends with it",
        )
    return _checked(path.read_bytes().strip(), str(path))


def _checked(key: bytes, where: str) -> bytes:
    if len(key) < BYTES:
        raise BadInput("the signing key is too short", where=where, remedy=f"{BYTES} bytes or more")
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(BYTES))
            file.flush()
            os.fsync(file.fileno())
        # Of processes that start together one wins; the others use its key.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
