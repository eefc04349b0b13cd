"""The secrets of one installation: generated once, readable by their owner only."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from include.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from include.embedded.home import Home

PEOPLE = (("viewer", "viewer"), ("operator", "op"), ("approver", "user"), ("admin", "admin"))
MACHINE = "airworthy"
USERS = (*PEOPLE, (MACHINE, "op"))


@dataclass(frozen=True)
class Credentials:
    """Keys that the programs share. None of them leaves this machine."""

    fernet_key: str
    jwt_secret: str
    api_secret: str
    workload_secret: str
    serving_token: str
    outcomes_token: str


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _generate() -> Credentials:
    return Credentials(
        fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        jwt_secret=secrets.token_urlsafe(48),
        api_secret=secrets.token_urlsafe(32),
        workload_secret=secrets.token_urlsafe(32),
        serving_token=secrets.token_urlsafe(32),
        outcomes_token=secrets.token_urlsafe(32),
    )


def ensure(home: Home) -> None:
    """Make the secrets and the log-ins that are missing; never change one that is there."""
    _ensure_keys(home)
    present = passwords(home) if home.passwords.exists() else {}
    wanted = {name: present.get(name) or secrets.token_urlsafe(12) for name, _ in USERS}
    if wanted != present:
        write_private(home.passwords, json.dumps(wanted, indent=2))


def _ensure_keys(home: Home) -> None:
    try:
        found = json.loads(home.credentials.read_text(encoding="utf-8"))
    except FileNotFoundError:
        found = {}
    except ValueError:
        return  # damaged: whoever reads it says so
    keys = asdict(_generate())
    if isinstance(found, dict) and keys.keys() - found.keys():
        write_private(home.credentials, json.dumps(keys | found, indent=2))


def read(home: Home) -> Credentials:
    """Return the secrets of an installation.

    Raises:
        BadInput: There are none yet, or the file is damaged.
    """
    try:
        found = json.loads(home.credentials.read_text(encoding="utf-8"))
        return Credentials(**{field.name: str(found[field.name]) for field in fields(Credentials)})
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise BadInput(
            "no usable secrets",
            where=str(home.credentials),
            remedy="Run `make up`, or `make clean` first",
        ) from cause


def passwords(home: Home) -> dict[str, str]:
    """Return user name -> password, as Airflow's simple log-in reads the file."""
    try:
        found = json.loads(home.passwords.read_text(encoding="utf-8"))
        return {str(name): str(password) for name, password in found.items()}
    except (OSError, ValueError, AttributeError) as cause:
        raise BadInput(
            "no usable log-ins", where=str(home.passwords), remedy="Run `make up`"
        ) from cause
