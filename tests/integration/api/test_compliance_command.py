"""``airworthy compliance`` against a control plane that listens."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from include.cli.main import main
from tests.integration.api.test_rollout_command import workload
from tests.unit.api.test_rollouts import DAG, promote, wish
from tests.unit.api.test_versions import candidate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.control_plane import Plane


@pytest.fixture
def live(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> Plane:
    """Version 1.0.0 is live; the places that its record names are no addresses."""
    monkeypatch.setenv("AIRWORTHY_TOKEN", "operator")
    with (
        closing(workload(plane.url, "ames_train", "r1")) as training,
        closing(workload(plane.url, DAG, "r1")) as release,
    ):
        training.post("/versions", json=candidate("p1"))
        promote(release, release.post("/rollouts", json=wish()).json())
    return plane


def test_a_person_writes_page_and_json(
    live: Plane, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "reports"
    assert main(["compliance", "ames", "--out", str(out), "--url", live.url]) == 0
    told = capsys.readouterr().out
    made = json.loads((out / "ames.json").read_text())
    assert (made["generated"]["by"], made["contents"]["version"]) == ("operator", "1.0.0")
    assert f"{len(made['contents']['gaps'])} gap(s)" in told
    assert (out / "ames.html").read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bike"], "nothing of this model was live"),
        (["ames", "--as-of", "2020-01-01"], "nothing of this model was live"),
        (["ames", "--as-of", "soon"], "not a day"),
        (["ames", "--as-of", "2999-01-01"], "lies ahead"),
    ],
)
def test_what_cannot_be_reported_is_refused(
    live: Plane,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    places = ["--out", str(tmp_path), "--url", live.url]
    assert main(["compliance", *arguments, *places]) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.glob("*.html"))
