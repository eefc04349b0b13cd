from __future__ import annotations

import json
import stat
import tempfile
from typing import TYPE_CHECKING

import pytest
from supervisor.options import ServerOptions

from include.embedded import supervision
from include.embedded.home import Home
from include.embedded.launch import environment_file
from include.embedded.programs import Program
from include.errors import InfrastructureError

if TYPE_CHECKING:
    from pathlib import Path

AWKWARD = {"JSON": '[{"a": "b, \'c\'"}]', "PERCENT": "100%", "AIRWORTHY_INSTANCE": "i"}


def parsed(home: Home) -> ServerOptions:
    options = ServerOptions()
    options.configfile = str(home.run / "supervisord.conf")
    options.realize(args=[])
    return options


def test_supervisord_reads_what_we_write(tmp_path: Path) -> None:
    home = Home(tmp_path / "a home with blanks")
    program = Program("web", ("/bin/echo", "a b", "50%", 'q"q'), AWKWARD, priority=7, patience=3)
    supervision.configure(home, [program])
    (group,) = parsed(home).process_group_configs
    (read,) = group.process_configs
    assert (read.name, read.priority, read.stopwaitsecs) == ("web", 7, 3)
    assert read.stopasgroup
    assert read.killasgroup
    assert read.autorestart is not False
    assert read.command.endswith('"/bin/echo" "a b" "50%" "q\\"q"')


def test_a_program_that_ends_its_own_children_is_asked_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    supervision.configure(home, [Program("t", ("/bin/true",), AWKWARD, 1, parent_first=True)])
    (read,) = parsed(home).process_group_configs[0].process_configs
    assert not read.stopasgroup
    assert read.killasgroup


def test_environments_are_private_files_not_configuration(tmp_path: Path) -> None:
    home = Home(tmp_path)
    supervision.configure(home, [Program("web", ("/bin/true",), AWKWARD, 1)])
    path = environment_file(home.run, "web")
    assert json.loads(path.read_text()) == AWKWARD
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.run.stat().st_mode) == 0o700
    assert "100%" not in (home.run / "supervisord.conf").read_text()


def test_nobody_at_the_door_is_not_up(tmp_path: Path) -> None:
    supervisor = supervision.Supervisor(Home(tmp_path))
    assert not supervisor.answers()
    with pytest.raises(InfrastructureError, match="does not answer"):
        supervisor.programs()


def test_a_long_home_keeps_its_socket_in_the_temporary_folder(tmp_path: Path) -> None:
    home = Home(tmp_path / ("x" * 120))
    assert home.socket.is_relative_to(tempfile.gettempdir())
    assert len(str(home.socket)) < 108
    assert Home(tmp_path / ("y" * 120)).socket != home.socket
