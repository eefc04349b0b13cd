"""The scheduler itself trains, and past months are trained again without releasing anything."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from include.client.control_plane import ControlPlane
from include.embedded import credentials
from include.embedded.door import AirflowDoor
from include.embedded.home import REPOSITORY
from include.embedded.ports import read
from include.errors import InfrastructureError
from include.spec import compiled
from tests.support.compiled_specs import as_compiled
from tests.support.installation import copied, installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from include.client.messages.registry import Version
    from include.spec.model import CompiledSpec
    from tests.support.installation import Installation

pytestmark = pytest.mark.timeout(900)
MODEL = "bike_demand"
MONTHS = ("2011-05", "2011-06")
FIRST, LAST = "2011-05-01T00:00:00Z", "2011-06-01T00:00:00Z"


class Place:
    """The suite as an admin sees it: Airflow's runs and the control plane's versions."""

    def __init__(self, suite: Installation) -> None:
        url = read(suite.environ).airflow_url
        self.airflow = AirflowDoor(url, "admin", credentials.passwords(suite.home)["admin"])
        self.plane = ControlPlane(f"{url}/airworthy", self.airflow.token)

    def close(self) -> None:
        self.plane.close()
        self.airflow.close()

    def runs(self, dag_id: str, kind: str = "") -> list[dict[str, Any]]:
        found: Any = self.airflow.get(f"/dags/{dag_id}/dagRuns", limit=100)["dag_runs"]
        return [run for run in found if kind in ("", run["run_type"])]

    def states(self, kind: str) -> list[str]:
        return sorted(run["state"] for run in self.runs(f"{MODEL}_train", kind))

    def versions_of(self, kind: str) -> dict[str, Version]:
        """Return the version that each run of a kind registered, by partition."""
        ours = {run["dag_run_id"] for run in self.runs(f"{MODEL}_train", kind)}
        told = [run for run in self.plane.runs(model=MODEL) if run.run.run_id in ours]
        by_number = {one.version: one for one in self.plane.versions(MODEL)}
        return {run.partition: by_number[run.version] for run in told}

    def backfill(self, reprocess: str, since: str) -> None:
        body = {
            "dag_id": f"{MODEL}_train", "from_date": since, "to_date": LAST,
            "reprocess_behavior": reprocess, "max_active_runs": 1,
        }  # fmt: skip
        number = self.create(body)
        within(480, lambda: self.completed(number))

    def create(self, body: dict[str, Any]) -> int:
        """Create a backfill; on SQLite Airflow fails, or half fails, while another one writes."""
        refused: InfrastructureError | None = None
        for _ in range(20):
            try:
                made: Any = self.airflow.call("POST", "/backfills", body)
                return int(made["id"])
            except InfrastructureError as cause:
                refused = cause
            self.cancel_orphans(body["dag_id"])
            time.sleep(3)
        raise AssertionError(f"no backfill: {refused}")

    def cancel_orphans(self, dag_id: str) -> None:
        with suppress(InfrastructureError):
            found: Any = self.airflow.get("/backfills", dag_id=dag_id)["backfills"]
            for one in found:
                if one["completed_at"] is None:
                    self.airflow.call("PUT", f"/backfills/{one['id']}/cancel")

    def completed(self, number: int) -> bool:
        return self.airflow.get(f"/backfills/{number}")["completed_at"] is not None


def within(seconds: float, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(1)


@pytest.fixture
def place(suite: Installation) -> Iterator[Place]:
    found = Place(suite)
    yield found
    found.close()


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A suite of this model with a short search: what is scheduled is the subject here."""
    folder = tmp_path_factory.mktemp("scheduled")
    sources, home = copied(folder / "sources"), folder / "home"
    home.mkdir()
    compiled.write(short(), sources / "dags" / "compiled")
    with installed(home, sources) as mine:
        started = mine.call("up")
        assert started.returncode == 0, started.stdout + started.stderr
        yield mine


def short() -> CompiledSpec:
    """Return the model's spec with one family and one trial."""
    file = REPOSITORY / "dags" / "compiled" / f"{MODEL}.json"
    whole = compiled.from_bytes(file.read_bytes(), str(file))
    search = {"candidates": ("ridge",), "trials": 1}
    training = whole.spec.training.model_copy(update=search)
    spec = whole.spec.model_copy(update={"training": training})
    return as_compiled(spec, whole.environment)


def test_the_scheduler_trains_last_month_by_itself(place: Place) -> None:
    within(300, lambda: place.states("scheduled") == ["success"])
    (run,) = place.runs(f"{MODEL}_train", "scheduled")
    begins, ends = run["data_interval_start"], run["data_interval_end"]
    assert begins < ends, "the run has a real data interval"
    (partition,) = place.versions_of("scheduled")
    assert partition == begins[:7]
    within(60, lambda: bool(place.runs(f"{MODEL}_release")))


def test_backfilled_months_give_the_same_twice_and_release_nothing(place: Place) -> None:
    within(300, lambda: place.states("scheduled") == ["success"])
    within(60, lambda: bool(place.runs(f"{MODEL}_release")))
    released = [run["dag_run_id"] for run in place.runs(f"{MODEL}_release")]
    # Not "none": that leaves out what a half-made backfill left behind as failed.
    place.backfill("failed", FIRST)
    first = place.versions_of("backfill")
    place.backfill("completed", LAST)
    assert place.states("backfill") == ["success"] * len(MONTHS)
    assert tuple(sorted(first)) == MONTHS
    assert place.versions_of("backfill") == first
    assert {one.release_policy for one in first.values()} == {"manual"}
    assert [run["dag_run_id"] for run in place.runs(f"{MODEL}_release")] == released
