"""Live progress: a line for each change; on a terminal also one line that counts the seconds."""

from __future__ import annotations

import sys
import time

_WIDTH = 100


class Progress:
    """Writes what happens, with the seconds since the story began."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._is_terminal = sys.stdout.isatty()
        self._is_busy = False

    def elapsed(self) -> float:
        """Return the seconds since the story began."""
        return time.monotonic() - self._began

    def act(self, title: str) -> None:
        """Begin a part of the story."""
        self._write(f"\n{title}")

    def event(self, text: str) -> None:
        """Say that something happened."""
        self._write(f"[{self.elapsed():6.1f} s] {text}")

    def busy(self, text: str) -> None:
        """Say what is being waited for; on a terminal only, rewriting one line."""
        if self._is_terminal:
            line = f"[{self.elapsed():6.1f} s] … {text}"[:_WIDTH]
            sys.stdout.write(f"\r{line:<{_WIDTH}}")
            sys.stdout.flush()
            self._is_busy = True

    def _write(self, line: str) -> None:
        if self._is_busy:
            sys.stdout.write("\r" + " " * _WIDTH + "\r")
            self._is_busy = False
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
