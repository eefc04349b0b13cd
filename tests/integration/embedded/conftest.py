from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.installation import installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.installation import Installation


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("home")) as mine:
        yield mine
