"""``airworthy rollout simulate``: plans, models and scripts from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.cli.main import main

EXAMPLES = Path(__file__).parents[3] / "docs/examples"
PLAN = str(EXAMPLES / "plan.yaml")


def simulate(plan: str, script: str | Path, *more: str) -> int:
    return main(["rollout", "simulate", plan, "--script", str(script), *more])


@pytest.mark.parametrize(
    ("script", "stage", "why"),
    [
        ("harmful-candidate", "shadow", "quality: fail - harm"),
        ("errors-at-50", "stage_50", "errors: fail - harm"),
        ("quiet-night", "stage_5", "answer: unanswered"),
    ],
)
def test_the_examples_do_as_they_say(
    capsys: pytest.CaptureFixture[str], script: str, stage: str, why: str
) -> None:
    assert simulate(PLAN, EXAMPLES / f"{script}.yaml") == 0
    told = capsys.readouterr().out
    assert f"{stage}: the live version is brought back" in told
    assert why in told
    assert told.splitlines()[-1].startswith("rolled back after")


def test_a_model_is_planned_from_its_spec(
    capsys: pytest.CaptureFixture[str], dags: Path, tmp_path: Path
) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("{seed: 1, traffic: 0}", encoding="utf-8")
    for kind, first in (("first", "first: stage_100"), ("rollback", "rollback: no stages")):
        assert simulate("bike_demand", script, "--kind", kind, "--dags", str(dags)) == 0
        assert capsys.readouterr().out.startswith(first)


def test_every_problem_of_a_script_has_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    script = tmp_path / "script.yaml"
    script.write_text(
        "traffic: 20\nstages:\n  stage_5:\n    verdct: pass\n    answer: maybe\nseed: x\n",
        encoding="utf-8",
    )
    assert simulate(PLAN, script) == 1
    head, *lines = capsys.readouterr().err.splitlines()
    assert "3 problem(s)" in head
    places = [line.removeprefix(f"{script}:").split(" ")[0] for line in lines]
    assert places == ["4:5:", "5:13:", "6:7:"]
    assert lines[0].endswith("did you mean 'verdict'?")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("traffic: [1\n", "script.yaml:2:1: not YAML"),
        ("", "the file is empty"),
        ("- 1\n", "script.yaml:1:1:"),
        ("seed: 1\nseed: 2\n", "script.yaml:2:1: seed: this key was given before"),
        ("stages: {stage_7: {}}\n", "the plan has no such stage"),
    ],
)
def test_a_script_that_is_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, told: str
) -> None:
    script = tmp_path / "script.yaml"
    script.write_text(text, encoding="utf-8")
    assert simulate(PLAN, script) == 1
    assert told in capsys.readouterr().err


def test_what_is_not_there(capsys: pytest.CaptureFixture[str], dags: Path, tmp_path: Path) -> None:
    quiet = EXAMPLES / "quiet-night.yaml"
    for arguments in (
        (PLAN, tmp_path / "none.yaml"),
        (str(tmp_path / "none.yaml"), quiet),
        ("nothing", quiet, "--dags", str(dags)),
        ("bike_demand", quiet, "--kind", "blue_green"),
    ):
        assert simulate(*arguments) == 1
        assert capsys.readouterr().err.startswith("airworthy: ")
