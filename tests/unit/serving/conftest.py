from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.puppets import Puppet


@pytest.fixture
def puppets(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Puppet]]:
    """Return the replicas that endpoints start from now on: none of them has a process."""
    # The steps' environment has tests in this folder too, but not the daemon's libraries.
    from include.serving import deployment
    from tests.support.puppets import EVERY, Puppet

    monkeypatch.setattr(deployment, "Replica", Puppet)
    yield EVERY
    EVERY.clear()
