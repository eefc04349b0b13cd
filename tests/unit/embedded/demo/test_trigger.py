from __future__ import annotations

import pytest

from include.embedded.demo.trigger import ATTEMPTS, trigger
from include.errors import InfrastructureError


class Airflow:
    """Fails as often as told; ``made`` says whether the failed calls made the run all the same."""

    def __init__(self, failures: int, *, made: bool = False) -> None:
        self.failures, self.made = failures, made
        self.ids: list[str] = []
        self.airflow = self

    def call(self, method: str, path: str, body: dict[str, object]) -> dict[str, object]:
        self.ids.append(str(body["dag_run_id"]))
        if len(self.ids) <= self.failures:
            raise InfrastructureError("database is locked")
        return body

    def get(self, path: str) -> dict[str, object]:
        if not self.made:
            raise InfrastructureError("404")
        return {}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.embedded.demo.trigger.PAUSE", 0)


def test_it_asks_again_for_the_same_run() -> None:
    airflow = Airflow(2)
    run = trigger(airflow, "m_train", {"partition": "p"})
    assert airflow.ids == [run.run_id] * 3
    assert run.dag_id == "m_train"


def test_a_run_that_was_made_all_the_same_is_not_made_twice() -> None:
    airflow = Airflow(1, made=True)
    assert airflow.ids == []
    assert trigger(airflow, "m_train", {}).run_id == airflow.ids[0]
    assert len(airflow.ids) == 1


def test_it_gives_up() -> None:
    airflow = Airflow(ATTEMPTS)
    with pytest.raises(InfrastructureError):
        trigger(airflow, "m_train", {})
