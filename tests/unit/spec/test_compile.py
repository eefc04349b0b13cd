"""Each bad spec gives all its problems, each at its line and column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from include.errors import BadInput
from tests.support.spec_damage import INDENTS, LINES, PLACES

if TYPE_CHECKING:
    from tests.support.spec_bundle import Bundle

# (id, what is replaced, by what, where the problem starts in the new text, the rest of its line)
WRONG = [
    ("unknown field", "title: Small", "titel: Small", "titel",
     "titel: no such field; did you mean 'title'?"),
    ("unknown nested field", "role: key,", "rolle: key,", "rolle",
     "data.columns.0.rolle: no such field; did you mean 'role'?"),
    ("enum", "type: integer", "type: integr", "integr",
     "data.columns.0.type: must be one of integer, number, category, boolean, date "
     "(got 'integr'); did you mean 'integer'?"),
    ("literal", "materiality: low", "materiality: lo", "lo\n",
     "materiality: must be one of low, medium, high (got 'lo'); did you mean 'low'?"),
    ("number as text", "minimum: 0}", "minimum: few}", "few",
     "data.columns.1.minimum: should be a valid number, unable to parse string as a number "
     "(got 'few')"),
    ("text as number", "default_partition: first", "default_partition: 2026", "2026",
     "data.default_partition: should be text; put it in quotes (got 2026)"),
    ("name pattern", "endpoint: small", "endpoint: Small-1", "Small-1",
     "release.endpoint: must be a name: a small letter, then small letters, digits or _ "
     "(2 to 63 in all) (got 'Small-1')"),
    ("out of range", "split: {kind: hash}", "split: {kind: hash, test_share: 1.5}", "1.5",
     "split.test_share: should be less than 1 (got 1.5)"),
    ("missing field", "title: Small\n", "", "model: small", "title: is required"),
    ("empty value", "title: Small", "title:", "title:", "title: needs a value"),
    ("still open", "title: Small", "title: ???", "???",
     "title: is still to be filled in (got '???')"),
    ("no available_at", "role: feature, available_at: application, minimum: 0}",
     "role: feature, minimum: 0}", "{name: income",
     "data.columns.1.available_at: column 'income' does not say when its value is known: "
     "give available_at (application, decision or later)"),
    ("leak after the decision", "role: feature, available_at: application, minimum: 0}",
     "role: feature, available_at: decision}", "feature, available_at: decision",
     "data.columns.1.role: column 'income' leaks: its value is known only when the outcome is "
     "decided, it cannot be a feature (got 'available_at: decision')"),
    ("leak later", "role: feature, available_at: application, minimum: 0}",
     "role: feature, available_at: later}", "feature, available_at: later",
     "data.columns.1.role: column 'income' leaks: its value is known only after the outcome, "
     "it cannot be a feature (got 'available_at: later')"),
    ("no target", "role: target", "role: excluded", "columns:",
     "data.columns: no column has the role target"),
    ("two targets", "role: protected", "role: target", "target, available_at: decision",
     "data.columns.4.role: a second target: 'sex' is one already (got 'bought')"),
    ("target type", "type: boolean, role: target", "type: number, role: target",
     "number, role: target",
     "data.columns.4.type: the target of a classification is boolean or category or integer "
     "(got 'number')"),
    ("three classes", "type: boolean, role: target,",
     "type: category, role: target, allowed: [a, b, c],", "[a, b, c]",
     "data.columns.4.allowed: a classification has two classes (got 3)"),
    ("double column", "name: income", "name: kind", "kind, type: category",
     "data.columns.2.name: a column of this name was given before (got 'kind')"),
    ("reserved name", "name: kind", "name: _kind", "_kind",
     "data.columns.2.name: not a name of a column: empty, spaces at an end, or an underscore in "
     "front (got '_kind')"),
    ("row key", "row_key: [number]", "row_key: [numer]", "numer]",
     "data.row_key.0: no such column (got 'numer'); did you mean 'number'?"),
    ("expectation column", "{column: income,", "{column: incom,", "incom,",
     "data.expectations.0.column: no such column (got 'incom'); did you mean 'income'?"),
    ("expectation without limit", "statistic: mean, minimum: 1}", "statistic: mean}",
     "{column: income", "data.expectations.0: needs a minimum, a maximum or both"),
    ("mean of a category", "{column: income,", "{column: kind,", "mean",
     "data.expectations.0.statistic: a category column has no mean (got 'kind')"),
    ("limits turned round", "minimum: 0}", "minimum: 9, maximum: 1}", "9, maximum",
     "data.columns.1.minimum: the minimum is above the maximum (1) (got 9.0)"),
    ("limit of a category", "sex, type: category,", "sex, type: category, minimum: 1,",
     "1, role: protected", "data.columns.3.minimum: a category column has no minimum (got 1)"),
    ("yes is no text", "kind, type: category,", "kind, type: category, allowed: [yes],", "yes",
     "data.columns.2.allowed.0: not a value of a category column (got True)"),
    ("date as a feature", "type: category, role: feature", "type: date, role: feature",
     "feature, available_at: application}",
     "data.columns.2.role: column 'kind' is a date, which is no feature by itself: give its parts "
     "(got 'feature')"),
    ("placeholder", "{partition}.csv", "{partition}{day}.csv", '"{arrivals}',
     "data.source.uri: no such placeholder {day} (got '{arrivals}/small/{partition}{day}.csv')"),
    ("no placeholder", "{partition}.csv", "all.csv", '"{arrivals}',
     "data.source.uri: needs {partition}, or every batch is the same file "
     "(got '{arrivals}/small/all.csv')"),
    ("no default partition", "  default_partition: first\n", "", "source:",
     "data.default_partition: named batches need a default_partition"),
    ("split without time", "kind: hash", "kind: time", "time}",
     "split.kind: a split by time needs a column with the role time (got 'time')"),
    ("candidate", "[logistic]", "[logistics]", "logistics]",
     "training.candidates.0: no such algorithm; a classification has logistic, forest, svm, "
     "xgboost, network (got 'logistics'); did you mean 'logistic'?"),
    ("candidate of another task", "[logistic]", "[ridge]", "ridge]",
     "training.candidates.0: no such algorithm; a classification has logistic, forest, svm, "
     "xgboost, network (got 'ridge')"),
    ("candidate twice", "[logistic]", "[svm, svm]", "svm]}",
     "training.candidates.1: this candidate was given before (got 'svm')"),
    ("no candidate", "{candidates: [logistic]}", "{candidates: []}", "candidates: []",
     "training.candidates: needs a candidate"),
    ("parameters of no candidate", "[logistic]", "[logistic], parameters: {svm: {C: 1}}",
     "{C: 1}",
     "training.parameters.svm: parameters of an algorithm that is no candidate (got 'svm')"),
    ("metric", "[auc, brier]", "[auc, brie]", "brie]",
     "evaluation.metrics.1: no such metric; a classification has auc, log_loss, brier, accuracy "
     "(got 'brie'); did you mean 'brier'?"),
    ("metric twice", "[auc, brier]", "[auc, auc]", "auc]",
     "evaluation.metrics.1: this metric was given before (got 'auc')"),
    ("gate of another metric", "metric: auc,", "metric: bries,", "bries",
     "gates.0.metric: this metric is not in evaluation.metrics (got 'bries'); "
     "did you mean 'brier'?"),
    ("gate with two limits", "at_least: 0.6", "at_least: 0.6, at_most: 1", "{name: ranks",
     "gates.0: needs exactly one of at_least and at_most"),
    ("gate without limit", ", at_least: 0.6", "", "{name: ranks",
     "gates.0: needs exactly one of at_least and at_most"),
    ("no gate", "gates:\n  - {name: ranks, metric: auc, at_least: 0.6}", "gates: []", "gates: []",
     "gates: needs a gate: nothing is registered without a rule"),
    ("cron", "release: {", "schedule: {cron: 0 25 * * *, start: 2026-01-01}\nrelease: {", "0 25",
     "schedule.cron: not a cron expression of five fields (minute hour day month weekday) "
     "(got '0 25 * * *')"),
    ("seconds in cron", "release: {",
     "schedule: {cron: 0 0 1 * * 5, start: 2026-01-01}\nrelease: {", "0 0 1",
     "schedule.cron: not a cron expression of five fields (minute hour day month weekday) "
     "(got '0 0 1 * * 5')"),
    ("role", "release: {", "release: {first_release: {roles: [aprover]}, ", "aprover",
     "release.first_release.roles.0: must be one of viewer, operator, approver, admin "
     "(got 'aprover'); did you mean 'approver'?"),
    ("nobody may agree", "release: {", "release: {first_release: {roles: []}, ", "roles: []",
     "release.first_release.roles: needs a role, or nobody could ever agree"),
    ("address", "tests@example.com", "tests at example", "tests at",
     "owner.email: not an e-mail address (got 'tests at example')"),
    ("name of the file", "model: small", "model: smal", "smal\n",
     "model: the file is called small.yaml (got 'smal'); did you mean 'small'?"),
    ("environment variable", "title: Small", "title: ${oc.env:HOME}", "${oc.env",
     "title: a spec does not read environment variables: compiling it twice would differ "
     "(got '${oc.env:HOME}')"),
    ("interpolation", "title: Small", "title: ${nothing}", "${nothing",
     "title: Interpolation key 'nothing' not found"),
    ("double key", "title: Small\n", "title: Small\ntitle: Other\n", "title: Other",
     "title: this key was given before"),
    ("syntax", "title: Small", "title: [Small", ": A model",
     "not YAML: expected ',' or ']', but got ':'"),
    ("defaults file", "model: small\n", "defaults: [defaults/alert@alerts, _self_]\nmodel: small\n",
     "defaults/alert@", "defaults.0: In 'small': Could not load 'defaults/alert'."),
    ("step of a profile", "release: {", "compute: {steps: {fit_candidat: {cpu: '2'}}}\nrelease: {",
     "{cpu", "compute.steps.fit_candidat: no such step (got 'fit_candidat'); "
     "did you mean 'fit_candidate'?"),
    ("quantity", "release: {", "compute: {default: {memory: 4 GB}}\nrelease: {", "4 GB",
     "compute.default.memory: must be a quantity in quotes, such as '2', '500m' or '4Gi' "
     "(got '4 GB')"),
    ("hydra itself", "model: small\n", "hydra: {verbose: true}\nmodel: small\n", "hydra",
     "hydra: no such field"),
]  # fmt: skip


def place(text: str, at: str) -> str:
    """Return ``line:column`` of the first ``at`` in a text."""
    before = text[: text.index(at)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [case[1:] for case in WRONG],
    ids=[case[0] for case in WRONG],
)
def test_problem_names_place_path_value_and_remedy(
    bundle: Bundle, small: str, old: str, new: str, at: str, message: str
) -> None:
    assert old in small
    text = small.replace(old, new, 1)
    bundle.write(text)
    assert f"small.yaml:{place(text, at)}: {message}" in bundle.problems()


def test_small_spec_is_right(bundle: Bundle) -> None:
    assert bundle.compile().spec.model == "small"


def test_all_problems_come_at_once_in_file_order(bundle: Bundle, small: str) -> None:
    text = small
    for old, new in [
        ("title: Small", "titel: Small"),
        ("kind, type: category, role: feature, available_at: application",
         "kind, type: categry, role: feature"),
        ("role: feature, available_at: application, minimum: 0",
         "role: feature, available_at: later"),
        ("metric: auc", "metric: acu"),
        ("kind: hash", "kind: time"),
    ]:  # fmt: skip
        assert old in text
        text = text.replace(old, new, 1)
    bundle.write(text)
    lines = bundle.problems()
    assert [re.sub(r"^small.yaml:\d+:\d+: ([a-z0-9_.]+): .*", r"\1", line) for line in lines] == [
        "title",
        "titel",
        "data.columns.1.role",
        "data.columns.2.available_at",
        "data.columns.2.type",
        "split.kind",
        "gates.0.metric",
    ]
    numbers = [int(line.split(":")[1]) for line in lines]
    assert numbers == sorted(numbers)


def test_monthly_data_is_dated(bundle: Bundle, small: str) -> None:
    bundle.write(small.replace("partitioning: named", "partitioning: monthly"))
    lines = bundle.problems()
    assert any("dated data is split by time" in line for line in lines)
    assert any("monthly data takes the partition of the run" in line for line in lines)


def test_a_time_column_asks_for_a_split_by_time(bundle: Bundle, small: str) -> None:
    text = small.replace(
        "name: number, type: integer, role: key", "name: number, type: integer, role: time"
    )
    bundle.write(text)
    lines = bundle.problems()
    assert any("dated data is split by time" in line for line in lines)
    assert any("a time column is of type date (got 'integer')" in line for line in lines)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "small.yaml:1:1: the file is empty"),
        (b"# nothing\n", "small.yaml:1:1: the file is empty"),
        (b"- a\n- b\n", "small.yaml:1:1: a spec is a mapping of fields to values"),
        (b"model: small\ntitle: Caf\xe9\n", "small.yaml:2:11: not UTF-8 (got 'byte 0xe9')"),
        (b"tags: &a [*a]\n", "small.yaml:1:7: tags.0: an anchor holds itself"),
    ],
)
def test_text_that_is_no_spec(bundle: Bundle, content: bytes, line: str) -> None:
    bundle.write(content)
    assert line in bundle.problems()


@pytest.mark.parametrize("content", [b"title:\n\t- x\n", b"a: \x00\n", b"a: 1\n---\nb: 2\n"])
def test_text_that_is_no_yaml_is_one_line(bundle: Bundle, content: bytes) -> None:
    bundle.write(content)
    (line,) = bundle.problems()
    assert re.match(r"small.yaml:\d+:\d+: not YAML: ", line)
    assert "\n" not in line


def test_missing_file(bundle: Bundle) -> None:
    assert bundle.problems("other") == ["other.yaml:1:1: no such file"]


def test_broken_shared_file_is_named(bundle: Bundle, small: str) -> None:
    bundle.write("slack_channel: [oops\n", "defaults/alerts.yaml")
    bundle.write(f"defaults: [defaults/alerts@alerts, _self_]\n{small}")
    (line,) = bundle.problems()
    assert line.startswith("defaults/alerts.yaml:2:1: not YAML: ")


@pytest.mark.parametrize("name", ["../small", "Small", "", "a/b", "x" * 64])
def test_names_that_are_paths_are_refused(bundle: Bundle, name: str) -> None:
    with pytest.raises(BadInput, match="not a name of a model"):
        bundle.compile(name)
    with pytest.raises(BadInput, match="not a name of an environment"):
        bundle.compile("small", f"{name}/..")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(where=PLACES, indent=INDENTS, line=LINES)
def test_any_line_is_fine_or_a_problem_with_a_place(
    bundle: Bundle, where: int, indent: str, line: str
) -> None:
    """The soak damages ten thousand lines: tests/soak/spec."""
    bundle.is_fine_or_placed(where, indent + line)
