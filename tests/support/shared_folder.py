"""A folder whose files root and the users of pods may write alike."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Linux, include/uapi/linux/posix_acl_xattr.h: version 2; tag, rights and id of each entry.
_VERSION, _NOBODY = 2, 0xFFFFFFFF
_OWNER, _GROUP, _OTHERS, _ALL = 0x01, 0x04, 0x20, 7


def share(folder: Path) -> None:
    """Let everybody write into a new folder, and into all that is made in it, whatever the umask.

    A platform team gives both one group and Airflow the umask 0002; a suite here has its own.
    """
    folder.mkdir()
    folder.chmod(0o777)
    entries = [struct.pack("<HHI", tag, _ALL, _NOBODY) for tag in (_OWNER, _GROUP, _OTHERS)]
    acl = struct.pack("<I", _VERSION) + b"".join(entries)
    os.setxattr(folder, "system.posix_acl_default", acl)
