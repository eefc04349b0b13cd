"""Settings, images, what a pod can reach, and what is left over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from include import settings as installations
from include.errors import BadInput
from include.pods import reach
from include.pods.images import image
from include.pods.leftovers import leftovers
from include.pods.log import LogLines
from include.pods.settings import read

if TYPE_CHECKING:
    from include.pods.settings import PodSettings
    from include.steps.contract import StepCall
    from tests.unit.pods.conftest import Described

IMAGES = {"AIRWORTHY_STEPS_IMAGE": "slim:1", "AIRWORTHY_STEPS_IMAGE_FULL": "full:1"}
NOW = datetime(2026, 1, 1, 2, tzinfo=UTC)


def test_pods_need_an_image() -> None:
    with pytest.raises(BadInput, match="AIRWORTHY_STEPS_IMAGE: pods need an image"):
        read({})


@pytest.mark.parametrize("wrong", ["soon", "-1", "0", "1.5"])
def test_a_time_is_a_number_of_seconds(wrong: str) -> None:
    with pytest.raises(BadInput, match="AIRWORTHY_POD_TTL_SECONDS: not a number of seconds"):
        read({**IMAGES, "AIRWORTHY_POD_TTL_SECONDS": wrong})


def test_one_image_is_enough(settings: PodSettings) -> None:
    assert settings.image_full == settings.image


@pytest.mark.parametrize(
    ("step", "options", "chosen"),
    [
        ("fit_candidate", (("algorithm", "forest"),), "slim:1"),
        ("fit_candidate", (("algorithm", "network"),), "full:1"),
        ("acquire", (), "slim:1"),
        ("validate", (), "full:1"),
        ("evaluate", (), "full:1"),
        ("package", (), "full:1"),
    ],
)
def test_a_step_gets_the_image_it_needs(
    call: StepCall, step: str, options: tuple[tuple[str, str], ...], chosen: str
) -> None:
    assert image(replace(call, step=step, options=options), read(IMAGES)) == chosen


def installation(**changes: str) -> installations.Settings:
    environ = {f"AIRWORTHY_{name.upper()}": value for name, value in changes.items()}
    return installations.read(environ)


def test_an_object_store_is_seen_from_everywhere(settings: PodSettings) -> None:
    where = installation(store="s3://b/store", arrivals="s3://b/in", mlflow_uri="http://mlflow")
    for step in ("acquire", "fit_candidate", "track"):
        reach.check(step, where, settings)


@pytest.mark.parametrize("store", ["file:///var/store", "file:///airworthy-other/store"])
def test_a_folder_that_no_pod_sees_is_refused(store: str) -> None:
    pods = read({**IMAGES, "AIRWORTHY_STORE_CLAIM": "store"})
    with pytest.raises(BadInput, match="AIRWORTHY_STORE: a pod does not see this folder"):
        reach.check("gate", installation(store=store), pods)


def test_a_folder_on_the_claim_is_seen(settings: PodSettings) -> None:
    where = installation(store="file:///airworthy/store", arrivals="file:///elsewhere")
    pods = read({**IMAGES, "AIRWORTHY_STORE_CLAIM": "store"})
    reach.check("gate", where, pods)
    with pytest.raises(BadInput, match="AIRWORTHY_ARRIVALS"):
        reach.check("acquire", where, pods)
    with pytest.raises(BadInput, match="AIRWORTHY_STORE:"):
        reach.check("gate", where, settings)


def test_a_database_of_mlflow_would_end_with_the_pod(settings: PodSettings) -> None:
    where = installation(store="s3://b/store", mlflow_uri="sqlite:////airworthy/mlflow.db")
    reach.check("gate", where, settings)
    with pytest.raises(BadInput, match="AIRWORTHY_MLFLOW_URI: pods need an MLflow server"):
        reach.check("track", where, settings)


def test_a_pod_is_told_where_things_are() -> None:
    told = dict(reach.environ(installation(store="s3://b/store", tenant="t")))
    assert told["AIRWORTHY_STORE"] == "s3://b/store"
    assert told["AIRWORTHY_TENANT"] == "t"
    assert not [name for name in told if "SECRET" in name or "TOKEN" in name or "PASS" in name]


def test_lines_are_told_once_and_all_of_them() -> None:
    lines = LogLines()
    first = ["2026-01-01T00:00:00.000000001Z a", "2026-01-01T00:00:00.000000002Z b c"]
    assert lines.new(first) == ("a", "b c")
    assert lines.new([*first, "2026-01-01T00:00:00.000000003Z d"]) == ("d",)
    assert lines.new(first) == ()


def test_finished_pods_are_left_over_after_their_time(described: Described) -> None:
    done, failed = described.over(0), described.over(1)
    assert leftovers([done, failed], NOW, 3599) == ("one", "one")
    assert leftovers([done, failed], NOW, 3601) == ()


def test_what_runs_or_goes_is_not_left_over(described: Described) -> None:
    running = described.pod("Running", {"running": {}})
    going = described.over(0, going="2026-01-01T01:30:00Z")
    assert leftovers([running, going], NOW, 1) == ()


def test_a_pod_that_failed_without_its_container_is_left_over(described: Described) -> None:
    evicted = described.pod("Failed", reason="Evicted")
    assert leftovers([evicted], NOW, 3600) == ("one",)
