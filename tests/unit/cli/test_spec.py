"""``airworthy spec``: what it prints, where, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from include.cli.main import main
from include.spec import compiled as files
from include.spec.reference import reference
from include.spec.schema import schema

if TYPE_CHECKING:
    from pathlib import Path


def spec(*arguments: str | Path) -> int:
    return main(["spec", *map(str, arguments)])


def test_compile_writes_what_dag_files_read(dags: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spec("compile", "--dags", dags) == 0
    compiled = files.read(dags / "compiled/bike_demand.json")
    assert compiled.digest[:12] in capsys.readouterr().out
    assert compiled.environment == "embedded"


def test_compile_for_an_environment(dags: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    override = dags / "models/environments/staging/bike_demand.yaml"
    override.parent.mkdir(parents=True)
    override.write_text("release: {policy: manual}\n", encoding="utf-8")
    assert spec("compile", "bike_demand", "--environment", "staging", "--dags", dags) == 0
    assert files.read(dags / "compiled/bike_demand.json").spec.release.policy == "manual"
    assert spec("compile", "--dags", dags) == 0
    assert files.read(dags / "compiled/bike_demand.json").spec.release.policy == "auto"
    monkeypatch.setenv("AIRWORTHY_ENVIRONMENT", "staging")
    assert spec("compile", "--dags", dags) == 0
    assert files.read(dags / "compiled/bike_demand.json").environment == "staging"


def test_wrong_spec_is_not_compiled_and_keeps_the_old_one(
    dags: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert spec("compile", "--dags", dags) == 0
    before = (dags / "compiled/bike_demand.json").read_bytes()
    path = dags / "models/bike_demand.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("candidates: [ridge", "candidates: [rigde"), encoding="utf-8")
    capsys.readouterr()
    assert spec("compile", "--dags", dags) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{path}:" in captured.err
    assert "did you mean 'ridge'?" in captured.err
    assert captured.err.endswith("1 problem(s)\n")
    assert (dags / "compiled/bike_demand.json").read_bytes() == before


def test_check_sees_missing_fresh_stale_and_orphaned(
    dags: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert spec("check", "--dags", dags) == 1
    assert "not compiled yet" in capsys.readouterr().err
    assert spec("compile", "--dags", dags) == 0
    assert spec("check", "--dags", dags) == 0
    assert "no problem in the spec" in capsys.readouterr().out
    path = dags / "models/bike_demand.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert spec("check", "--dags", dags) == 1
    assert "stale: run `airworthy spec compile`" in capsys.readouterr().err
    assert spec("compile", "--dags", dags) == 0
    (dags / "compiled/gone.json").write_bytes((dags / "compiled/bike_demand.json").read_bytes())
    assert spec("check", "--dags", dags) == 1
    assert "its YAML is gone" in capsys.readouterr().err
    assert spec("check", "bike_demand", "--dags", dags) == 0


def test_check_lists_the_problems_of_every_model(
    dags: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (dags / "models/empty.yaml").write_text("", encoding="utf-8")
    (dags / "models/list.yaml").write_text("- a\n", encoding="utf-8")
    assert spec("check", "--dags", dags) == 1
    err = capsys.readouterr().err
    assert "empty.yaml:1:1: the file is empty" in err
    assert "list.yaml:1:1: a spec is a mapping" in err


def test_show_prints_the_resolved_spec(dags: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spec("show", "bike_demand", "--dags", dags) == 0
    shown = YAML(typ="safe", pure=True).load(capsys.readouterr().out)
    assert shown["alerts"] == {"slack_channel": "#airworthy"}
    assert shown["schedule"]["start"] == "2011-01-01"


def test_show_prints_origins(dags: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spec("show", "bike_demand", "--origins", "--dags", dags) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "alerts.slack_channel = '#airworthy'  # defaults/alerts.yaml:2:16" in lines
    assert "data.source.encoding = 'utf-8'  # default" in lines
    assert any(line.startswith("task = 'regression'  # bike_demand.yaml:") for line in lines)


def test_schema_and_docs(dags: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spec("schema") == 0
    assert json.loads(capsys.readouterr().out) == json.loads(schema())
    assert spec("docs", "--dags", dags) == 0
    folder = dags.parent / "docs/reference"
    assert (folder / "spec.md").read_bytes() == reference()
    assert (folder / "spec.schema.json").read_bytes() == schema()


@pytest.mark.parametrize("command", ["compile", "check", "show"])
def test_unknown_model_names_the_nearest(
    dags: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert spec(command, "bike_demnd", "--dags", dags) == 1
    assert "Did you mean 'bike_demand'?" in capsys.readouterr().err


def test_no_folder_and_no_specs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spec("check", "--dags", tmp_path) == 1
    assert "no folder of models" in capsys.readouterr().err
    (tmp_path / "models").mkdir()
    assert spec("check", "--dags", tmp_path) == 1
    assert "there are no specs" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["chek"], ["show"], ["compile", "--wrong"]])
def test_wrong_usage(arguments: list[str]) -> None:
    assert spec(*arguments) == 2
