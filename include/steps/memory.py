"""How much memory this process needed at most."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_KIB = 1024


def peak_memory_bytes() -> int:
    """Return the peak resident memory of this process.

    ``getrusage`` alone would not do: on Linux its maximum survives ``exec``, so that a step
    started by a large parent reports the parent's size. The kernel's own mark does not.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        status = ""
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * _KIB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * _KIB
