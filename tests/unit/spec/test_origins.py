"""Each value keeps the file, line and column it came from, through defaults and overrides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from include.spec.origins import Document, Places, read
from include.spec.problems import Place

if TYPE_CHECKING:
    from pathlib import Path

    from include.spec.model import CompiledSpec
    from tests.support.spec_bundle import Bundle

ALERTS = '# shared\nslack_channel: "#shared"\n'
RELEASE = "policy: manual\nfirst_release:\n  roles: [approver, admin]\n  deadline_hours: 8\n"
DEFAULTS = "defaults: [defaults/alerts@alerts, defaults/release@release, _self_]\n"


def origin(compiled: CompiledSpec, path: str) -> tuple[str, int, int]:
    (found,) = [o for o in compiled.origins if o.path == path]
    return found.file, found.line, found.column


def test_own_values(bundle: Bundle) -> None:
    compiled = bundle.compile()
    assert origin(compiled, "model") == ("small.yaml", 1, 8)
    assert origin(compiled, "owner.email") == ("small.yaml", 4, 29)
    assert origin(compiled, "data.columns.1.name") == ("small.yaml", 14, 14)
    assert set(compiled.sources) == {"small.yaml"}


def test_shared_files_and_what_lies_over_them(bundle: Bundle, small: str) -> None:
    bundle.write(ALERTS, "defaults/alerts.yaml")
    bundle.write(RELEASE, "defaults/release.yaml")
    bundle.write(DEFAULTS + small)
    compiled = bundle.compile()
    assert compiled.spec.alerts.slack_channel == "#shared"
    assert origin(compiled, "alerts.slack_channel") == ("defaults/alerts.yaml", 2, 16)
    assert origin(compiled, "release.policy") == ("defaults/release.yaml", 1, 9)
    assert origin(compiled, "release.endpoint") == ("small.yaml", 26, 21)
    assert set(compiled.sources) == {"small.yaml", "defaults/alerts.yaml", "defaults/release.yaml"}


def test_an_environment_lies_on_top(bundle: Bundle, small: str) -> None:
    bundle.write(RELEASE, "defaults/release.yaml")
    bundle.write(f"defaults: [defaults/release@release, _self_]\n{small}")
    override = (
        "release:\n  first_release: {roles: [admin]}\ntraining:\n  parameters: {logistic: {C: 2}}\n"
    )
    bundle.write(override, "environments/live-1/small.yaml")
    compiled = bundle.compile(environment="live-1")
    assert compiled.environment == "live-1"
    assert compiled.spec.release.first_release.roles == ("admin",)
    assert compiled.spec.release.first_release.deadline_hours == 8
    file = "environments/live-1/small.yaml"
    assert origin(compiled, "release.first_release.roles.0") == (file, 2, 27)
    assert origin(compiled, "training.parameters.logistic.C") == (file, 4, 30)
    assert origin(compiled, "release.first_release.deadline_hours")[0] == "defaults/release.yaml"
    # The list of the shared file had two entries; the second one is gone with it.
    paths = [o.path for o in compiled.origins]
    assert "release.first_release.roles.1" not in paths
    assert len(paths) == len(set(paths))
    assert bundle.compile().spec.release.first_release.roles == ("approver", "admin")


def test_a_problem_in_an_override_is_placed_there(bundle: Bundle) -> None:
    bundle.write("release:\n  polcy: auto\n", "environments/live/small.yaml")
    assert bundle.problems(environment="live") == [
        "environments/live/small.yaml:2:3: release.polcy: no such field; did you mean 'policy'?"
    ]


def test_aliases_and_merges_point_at_what_was_written(bundle: Bundle, small: str) -> None:
    text = small.replace("title: Small", "title: &name Small").replace(
        "purpose: A model for tests.", "purpose: *name"
    )
    first = "{name: number, type: integer, role: key, available_at: application}"
    text = text.replace(first, f"&first {first}").replace(
        "{name: kind, type: category, role: feature, available_at: application}",
        "{<<: *first, name: kind, type: category, role: feature}",
    )
    bundle.write(text)
    compiled = bundle.compile()
    assert compiled.spec.purpose == "Small"
    assert origin(compiled, "purpose") == origin(compiled, "title") == ("small.yaml", 2, 8)
    assert compiled.spec.data.columns[2].available_at == "application"
    assert origin(compiled, "data.columns.2.available_at")[1] == 13
    assert origin(compiled, "data.columns.2.name")[1] == 15


def test_interpolation_repeats_a_value(bundle: Bundle, small: str) -> None:
    bundle.write(small.replace("endpoint: small", 'endpoint: "${model}"'))
    compiled = bundle.compile()
    assert compiled.spec.release.endpoint == "small"
    assert origin(compiled, "release.endpoint") == ("small.yaml", 25, 21)


def test_reading_says_what_is_wrong_and_still_places_the_rest(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\nb: {a: 2}\na: 3\n", encoding="utf-8")
    document = read(tmp_path, "a.yaml")
    assert [str(p) for p in document.problems] == ["a.yaml:3:1: a: this key was given before"]
    assert document.places.of(("b", "a")) == Place("a.yaml", 2, 8)
    assert document.places.of(("b", "missing", 3)) == Place("a.yaml", 2, 4)
    assert Document("b.yaml").places.of(("x",)) == Place("", 1, 1)


NAMES = st.sampled_from("abc")
TREES = st.recursive(
    st.integers(0, 9),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1) | st.lists(inner, min_size=1),
    max_leaves=12,
)


def placed(value: object, steps: tuple[str | int, ...], file: str, into: Places) -> Places:
    into.values[steps] = Place(file, 1, 1)
    if isinstance(value, dict):
        into.mappings.add(steps)
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, part in inner:
        placed(part, (*steps, key), file, into)
    return into


def merged(below: object, above: object) -> object:
    """Merge as Hydra does: mappings merge, everything else replaces."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{k: merged(below[k], v) if k in below else v for k, v in above.items()}}


@given(below=st.dictionaries(NAMES, TREES), above=st.dictionaries(NAMES, TREES))
def test_places_are_those_of_the_merged_values(
    below: dict[str, object], above: dict[str, object]
) -> None:
    places = placed(below, (), "below", Places())
    places.lay_over(placed(above, (), "above", Places()), ())
    expected = placed(merged(below, above), (), "any", Places())
    assert set(places.values) == set(expected.values)
    assert places.mappings == expected.mappings
    of_above = placed(above, (), "above", Places()).values
    for steps, place in places.values.items():
        assert place.file == ("above" if steps in of_above else "below")
