"""What names and ids from outside may look like: ids only, never a path, never a wildcard."""

from __future__ import annotations

import re

from include.errors import BadInput

NAME = r"^[a-z][a-z0-9_]{1,62}$"
VERSION = r"^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})$"
ULID = r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
RUN_ID = r"^[A-Za-z0-9_.:+~-]([A-Za-z0-9_.:+~ -]{0,248}[A-Za-z0-9_.:+~-])?$"
KEY = r"^[!-~]{1,200}$"
_NAME = re.compile(NAME.replace("$", r"\Z"))


def check_name(what: str, value: str) -> str:
    """Return a name as it came.

    Raises:
        BadInput: It is no name of ours.
    """
    if not _NAME.match(value):
        raise BadInput(
            f"not the name of a {what}",
            value=value[:80],
            remedy="Lower-case letters, digits and _, two to 63, beginning with a letter",
        )
    return value
