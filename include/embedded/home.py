"""Where the state of one installation lives: everything under ``AIRWORTHY_HOME``."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from include.errors import BadInput
from include.settings import REPOSITORY, read

_LONGEST_SOCKET_PATH = 100  # the kernel's limit is 108 bytes


@dataclass(frozen=True)
class Home:
    """Paths of one installation."""

    root: Path

    @property
    def bootstrap(self) -> Path:
        """Python of the environment that installs the others."""
        return self.root / "venv" / "bootstrap" / "bin" / "python"

    @property
    def orchestrator(self) -> Path:
        """Python of the environment with Airflow."""
        return self.root / "venv" / "orchestrator" / "bin" / "python"

    @property
    def steps(self) -> Path:
        """Python of the environment with the ML libraries."""
        return self.root / "venv" / "steps" / "bin" / "python"

    @property
    def run(self) -> Path:
        """Folder of what belongs to running processes: configuration, socket, pid file."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """Folder of the programs' own logs."""
        return self.root / "logs"

    @property
    def airflow(self) -> Path:
        """``AIRFLOW_HOME``."""
        return self.root / "airflow"

    @property
    def demo(self) -> Path:
        """Folder of the demo's summary."""
        return self.root / "demo"

    @property
    def credentials(self) -> Path:
        """File of the generated secrets, readable by the owner only."""
        return self.root / "credentials.json"

    @property
    def passwords(self) -> Path:
        """File of the people's passwords as Airflow's simple log-in reads it."""
        return self.airflow / "passwords.json"

    @property
    def socket(self) -> Path:
        """Supervisord's socket; in the temporary folder where the home's path is too long."""
        inside = self.run / "supervisor.sock"
        if len(str(inside)) <= _LONGEST_SOCKET_PATH:
            return inside
        name = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"airworthy-{name}" / "supervisor.sock"

    @property
    def instance(self) -> str:
        """Marker that every process of this installation carries; made once."""
        path = self.run / "instance"
        if not path.exists():
            self.run.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(str(uuid.uuid4()), encoding="utf-8")
        return path.read_text(encoding="utf-8").strip()


def home() -> Home:
    """Return the home that ``AIRWORTHY_HOME`` names (default: ``var`` in the repository).

    Raises:
        BadInput: Its path has a character that supervisord's configuration cannot carry.
    """
    root = read().home
    if set(str(root)) & set('%\n"\\'):
        raise BadInput(
            "the path has a character that supervisord cannot carry",
            where="AIRWORTHY_HOME",
            value=str(root),
            remedy="Choose one without %, quotes, backslashes and line breaks",
        )
    return Home(root)


__all__ = ["REPOSITORY", "Home", "home"]
