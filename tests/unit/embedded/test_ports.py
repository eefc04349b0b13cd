from __future__ import annotations

import socket

import pytest

from include.embedded import ports, processes
from include.errors import BadInput


def test_defaults_and_variables() -> None:
    found = ports.read({"AIRWORTHY_ROUTER_PORT": "9001"})
    assert (found.airflow, found.router, found.serving) == (8080, 9001, 8091)
    assert found.router_url == "http://127.0.0.1:9001"


@pytest.mark.parametrize("text", ["http", "0", "-1", "65536", "80 80", "1e4"])
def test_what_is_no_port_is_refused_with_the_variable(text: str) -> None:
    with pytest.raises(BadInput, match="AIRWORTHY_PORT") as refused:
        ports.read({"AIRWORTHY_PORT": text})
    assert refused.value.value == text


def test_two_parts_cannot_share_a_port() -> None:
    with pytest.raises(BadInput, match="share a port"):
        ports.read({"AIRWORTHY_PORT": "8091"})


def test_a_taken_port_is_seen_with_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        assert not ports.is_free(number)
        assert "pid" in processes.holder(number)
    assert ports.is_free(number)
    assert processes.holder(number) == ""
