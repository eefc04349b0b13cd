from __future__ import annotations

import multiprocessing
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from include.embedded import guard
from include.embedded.home import REPOSITORY
from include.errors import Conflict

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import sys, time
from pathlib import Path
from include.embedded import guard
with guard.alone(Path(sys.argv[1]), "`make demo`"):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(lock: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_the_second_is_told_who_works_and_a_kill_frees_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "install.lock"
    with hold(lock) as holder:
        with pytest.raises(Conflict) as refused, guard.alone(lock, "`make up`"):
            pass
        holder.kill()
    assert f"`make demo` (pid {holder.pid}) is at work" in str(refused.value)
    assert "\n" not in str(refused.value)
    with guard.alone(lock, "`make up`"):
        pass


def test_the_lock_is_free_after_the_block(tmp_path: Path) -> None:
    for _ in range(2):
        with guard.alone(tmp_path / "lock", "work"):
            pass
    assert multiprocessing.active_children() == []
