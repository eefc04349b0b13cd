"""``airworthy spec new``: a CSV becomes a draft that says what is left to a person."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.cli.main import main
from include.errors import BadInput, SpecInvalid
from include.spec.compile import compile_spec
from include.spec.sketch import sketch
from include.spec.survey import survey

if TYPE_CHECKING:
    from pathlib import Path

DECISIONS = {
    "purpose:": "A test.",
    "team:": "tests",
    "email:": "tests@example.com",
    "materiality:": "low",
}


def pets(rows: int = 60) -> str:
    lines = ["id,Visit Day,weight kg,kind,site,sick,healthy,note"]
    for i in range(rows):
        sick = int(i % 3 == 0)
        weight = "" if i == 5 else f"{2 + i % 7 / 2}"
        kind = ("cat", "dog", "no")[i % 3 if i % 5 else 0]
        lines.append(f"{i},2026-01-{1 + i % 28:02},{weight},{kind},1,{sick},{1 - sick},n{i}")
    return "\n".join(lines) + "\n"


def new(tmp_path: Path, content: str | bytes, target: str, dags: Path) -> int:
    source = tmp_path / "data.csv"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    options = ["--from", str(source), "--target", target, "--dags", str(dags)]
    return main(["spec", "new", "pets", *options])


def decided(text: str) -> str:
    """Fill in what a draft leaves open; the target is known at the decision."""
    for name, value in DECISIONS.items():
        text = re.sub(rf"({name})  # decide.*", rf"\1 {value}", text)
    return re.sub(r"available_at:  # decide.*", "available_at: application", text)


def test_draft_names_every_decision_and_then_compiles(
    tmp_path: Path, dags: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new(tmp_path, pets(), "sick", dags) == 0
    assert "a draft with 12 values left to you" in capsys.readouterr().out
    path = dags / "models/pets.yaml"
    assert main(["spec", "check", "pets", "--dags", str(dags)]) == 1
    err = capsys.readouterr().err
    for column in ("id", "Visit Day", "weight kg", "kind", "site", "sick", "healthy", "note"):
        assert f"column {column!r} does not say when its value is known" in err
    assert err.endswith("12 problem(s)\n")
    path.write_text(decided(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert main(["spec", "compile", "pets", "--dags", str(dags)]) == 0


def test_draft_infers_what_a_file_shows(tmp_path: Path, dags: Path) -> None:
    assert new(tmp_path, pets(), "sick", dags) == 0
    path = dags / "models/pets.yaml"
    path.write_text(decided(path.read_text(encoding="utf-8")), encoding="utf-8")
    spec = compile_spec(dags / "models", "pets", "embedded").spec
    shown = {c.name: (c.type.value, c.role.value) for c in spec.data.columns}
    assert shown == {
        "id": ("integer", "key"),
        "Visit Day": ("date", "time"),
        "weight kg": ("number", "feature"),
        "kind": ("category", "feature"),
        "site": ("boolean", "excluded"),
        "sick": ("boolean", "target"),
        "healthy": ("boolean", "excluded"),
        "note": ("category", "excluded"),
    }
    by_name = {c.name: c for c in spec.data.columns}
    assert by_name["weight kg"].nullable
    assert by_name["kind"].allowed == ("cat", "dog", "no")
    assert (spec.task.value, spec.split.kind, spec.data.row_key) == (
        "classification",
        "time",
        ("id",),
    )
    assert spec.alerts.slack_channel == "#airworthy"


def test_numbers_are_a_regression(tmp_path: Path, dags: Path) -> None:
    assert new(tmp_path, pets(), "weight kg", dags) == 0
    text = decided((dags / "models/pets.yaml").read_text(encoding="utf-8"))
    assert "task: regression" in text
    assert "candidates: [ridge, forest, svm, xgboost, network]" in text


def test_words_for_nothing_are_pointed_out(tmp_path: Path, dags: Path) -> None:
    assert new(tmp_path, pets().replace(",2.5,", ",NA,"), "sick", dags) == 0
    text = (dags / "models/pets.yaml").read_text(encoding="utf-8")
    assert "cells say NA or the like, which is text: leave them empty" in text
    assert re.search(r'name: "weight kg"\n +type: number', text)


@pytest.mark.parametrize(
    ("content", "target", "message"),
    [
        ("", "a", "the file is empty"),
        ("a,b\n", "a", "there are no rows"),
        ("a,b\n1,2\n1,2,3\n", "a", "data.csv:3: a row of 3 values, not 2"),
        ("a,a\n1,2\n", "a", "a column without a name of its own (got 'a')"),
        ("a,\n1,2\n", "a", "a column without a name of its own (got '')"),
        ("a,_b\n1,2\n", "a", "a reserved name (got '_b')"),
        ("a,b\n1,2\n", "c", "no such column (got 'c'). The columns are: a, b"),
        (b"a,b\n\xff,2\n", "a", "not UTF-8"),
        ('a,b\n"1,2\n', "a", "not CSV"),
        ("a,b\n1,2\n1,3\n", "a", "the target has one value only"),
        ("a,b\nx,2\ny,3\nz,3\n", "a", "a classification has two classes (got '3 values')"),
    ],
)
def test_bad_files_are_one_line(
    tmp_path: Path,
    dags: Path,
    content: str | bytes,
    target: str,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert new(tmp_path, content, target, dags) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert not (dags / "models/pets.yaml").exists()


def test_a_spec_is_never_overwritten(
    tmp_path: Path, dags: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (dags / "models/pets.yaml").write_text("mine\n", encoding="utf-8")
    assert new(tmp_path, pets(), "sick", dags) == 1
    assert "this model has a spec" in capsys.readouterr().err
    assert (dags / "models/pets.yaml").read_text(encoding="utf-8") == "mine\n"


def test_names_and_missing_files(dags: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--from", "no.csv", "--target", "a", "--dags", str(dags)]
    assert main(["spec", "new", "../x", *options]) == 1
    assert "not a name of a model" in capsys.readouterr().err
    assert main(["spec", "new", "fine", *options]) == 1
    assert "no.csv: cannot be read" in capsys.readouterr().err
    assert main(["spec", "new", "fine"]) == 2


CELL = st.one_of(
    st.sampled_from(["", "0", "1", "yes", "1.5", "2026-01-01", "nan", "1e999", "NA", "-3", "٣"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=4),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=5
        ).filter(lambda name: name.strip() and not name.strip().startswith("_")),
        min_size=2,
        max_size=3,
        unique_by=str.strip,
    ),
    cells=st.lists(st.tuples(CELL, CELL, CELL), min_size=2, max_size=6),
)
def test_every_draft_lacks_nothing_but_the_decisions(
    tmp_path: Path, names: list[str], cells: list[tuple[str, ...]]
) -> None:
    """Whatever a CSV holds, its draft is YAML whose values a person can complete."""
    names = ["target", *(name for name in names if name.strip() != "target")]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(names)
    writer.writerows(
        [[("0", "1")[i % 2], *row[: len(names) - 1]] + [""] * (len(names) - 4)]
        for i, row in enumerate(cells)
    )
    source = tmp_path / "any.csv"
    source.write_text(buffer.getvalue(), encoding="utf-8", newline="")
    models = tmp_path / "models"
    models.mkdir(exist_ok=True)
    try:
        text = sketch("pets", survey(source, "target"), ())
    except BadInput:
        return
    (models / "pets.yaml").write_text(decided(text), encoding="utf-8")
    try:
        compile_spec(models, "pets", "embedded")
    except SpecInvalid as error:
        left = [p for p in error.problems if "no column has the role feature" not in p]
        assert left == [], text
