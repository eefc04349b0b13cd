"""What is gathered, and what is missing: a gap in its own section, never a section left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from include.compliance.history import deployments, end_of, live
from include.compliance.publish import live_versions, make
from include.compliance.records import Generated
from include.compliance.sections import ALL
from include.errors import NotFound, StoreUnavailable
from tests.support.compliance import BEGAN, DOCUMENTS, MODEL, Held, rollout

DAY = date(2026, 4, 20)
MADE = Generated(at=datetime(2026, 4, 21, tzinfo=UTC), by="test")
EVALUATED = {"metrics", "calibration", "comparison", "fairness", "explanations"}
ALWAYS = {"requirements"}


def contents(held: Held, day: date = DAY) -> Any:
    return make(held, held, live_versions(held, day)[0], day, MADE).contents


def gapped(held: Held) -> set[str]:
    return {gap.section for gap in contents(held).gaps} - ALWAYS


def table(held: Held, section: str, title: str) -> list[dict[str, Any]]:
    parts = next(one for one in contents(held).sections if one.id == section)
    found = next(one for one in parts.tables if one.title.startswith(title))
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_whole_evidence_leaves_only_what_people_have_to_give(held: Held) -> None:
    assert gapped(held) == set()
    assert len(contents(held).sections) == len(ALL)


@pytest.mark.parametrize(
    ("uri", "sections"),
    [
        ("mem://spec.json", {"identity", "data", "gates"}),
        ("mem://acquire/dataset.json", {"data"}),
        ("mem://validate/report.json", {"data"}),
        ("mem://quarantine/batch.json", {"data"}),
        ("mem://quarantine/result.json", {"data"}),
        ("mem://select/selection.json", {"training"}),
        ("mem://select/report.json", {"training"}),
        ("mem://evaluate/report.json", EVALUATED),
        ("mem://evaluate/result.json", EVALUATED),
        ("mem://gate/report.json", {"gates"}),
        ("mem://package/manifest.json", {"digests"}),
    ],
)
def test_what_is_taken_away_is_a_gap_in_exactly_its_sections(
    held: Held, uri: str, sections: set[str]
) -> None:
    del held.objects[uri]
    assert gapped(held) == sections
    assert len(contents(held).sections) == len(ALL)
    assert all(gap.what and gap.remedy for gap in contents(held).gaps)


@pytest.mark.parametrize(
    ("part", "section"),
    [
        ("calibration", "calibration"), ("slices", "calibration"), ("comparison", "comparison"),
        ("fairness", "fairness"), ("explanations", "explanations"), ("leaks", "metrics"),
        ("footprint", "metrics"),
    ],
)  # fmt: skip
def test_a_part_that_was_not_measured_is_a_gap(held: Held, part: str, section: str) -> None:
    report = DOCUMENTS["evaluate", "report"]
    held.put("evaluate", "report", report | {part: [] if part == "slices" else None})
    assert gapped(held) == {section}


def test_changed_bytes_are_a_gap_and_not_evidence(held: Held) -> None:
    held.objects["mem://evaluate/report.json"] += b" "
    assert gapped(held) == EVALUATED
    assert any("not what was recorded" in gap.what for gap in contents(held).gaps)
    assert "evaluate/report" not in {item.name for item in contents(held).evidence}


def test_an_evaluation_of_another_model_is_a_gap(held: Held) -> None:
    held.put("evaluate", "report", DOCUMENTS["evaluate", "report"] | {"model_digest": "e" * 64})
    assert gapped(held) == EVALUATED


def test_a_dataset_that_was_not_registered_is_a_gap(held: Held) -> None:
    held.put("quarantine", "dataset", DOCUMENTS["quarantine", "dataset"] | {"digest": "e" * 64})
    assert gapped(held) == {"data"}


def test_a_run_without_a_record_says_how_to_get_it(held: Held) -> None:
    held.reported.clear()
    found = contents(held)
    assert {"data", "training", "metrics", "gates", "digests"} <= {g.section for g in found.gaps}
    assert any("clear that task" in gap.remedy for gap in found.gaps)


def test_attributions_that_do_not_add_up_are_a_gap(held: Held) -> None:
    report = DOCUMENTS["evaluate", "report"]
    broken = report["explanations"] | {"verdict": "error", "features": []}
    held.put("evaluate", "report", report | {"explanations": broken})
    assert gapped(held) == {"explanations"}


def test_a_decision_that_is_cited_and_not_there_is_a_gap(held: Held) -> None:
    held.found_decisions.clear()
    assert gapped(held) == {"decisions"}


def test_an_outage_is_an_error_and_no_gap(held: Held) -> None:
    def read(uri: str) -> bytes:
        raise StoreUnavailable("no answer", where=uri)

    held.read = read  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        contents(held)


def test_every_source_of_a_section_is_an_evidence_item(held: Held) -> None:
    found = contents(held)
    items = {item.name for item in found.evidence}
    assert all(set(section.sources) <= items for section in found.sections)
    measured = [one for one in found.sections if one.id in EVALUATED | {"data", "training"}]
    assert all(section.sources for section in measured)


def test_who_overrode_and_who_went_back_is_told(held: Held) -> None:
    decided = table(held, "decisions", "Decisions")[0]
    assert (decided["by"], decided["reason"]) == ("ada", "more data next quarter")
    gates = next(one for one in contents(held).sections if one.id == "gates")
    assert {"overridden by": "ada"}.items() <= {f.name: f.value for f in gates.facts}.items()
    assert table(held, "rollouts", "Requests to go back")[0]["by"] == "ola"


def test_stages_show_verdict_split_and_samples(held: Held) -> None:
    stage = table(held, "rollouts", "Their stages")[0]
    shown = ("verdict", "wanted %", "observed %", "requests to it")
    assert [stage[name] for name in shown] == ["pass", 100, 99.5, 100]


def test_what_began_after_the_day_is_left_out(held: Held) -> None:
    day = date(2026, 4, 1)
    held.found_rollouts.insert(0, rollout("r3", "1.1.0", 24))
    assert live_versions(held, day)[0].version == "1.0.0"
    assert [row["id"] for row in table_of(contents(held, day), "rollouts")] == ["r1", "r2"]


def table_of(found: Any, section: str) -> list[dict[str, Any]]:
    first = next(one for one in found.sections if one.id == section).tables[0]
    return [dict(zip(first.columns, row, strict=True)) for row in first.rows]


def test_deployments_follow_each_other(held: Held) -> None:
    found = deployments(tuple(held.found_rollouts), end_of(DAY))
    assert [one.version for one in found] == ["0.9.0", "1.0.0"]
    assert found[0].until == found[1].since
    assert found[1].until is None


def test_a_version_of_another_endpoint_ends_nothing(held: Held) -> None:
    other = rollout("r0", "2.0.0", 5).model_copy(update={"endpoint": "other"})
    found = live((*held.found_rollouts, other), end_of(DAY))
    assert {one.version for one in found} == {"1.0.0", "2.0.0"}


def test_a_model_that_was_not_live_is_refused_by_name(held: Held) -> None:
    with pytest.raises(NotFound, match=MODEL):
        live_versions(held, BEGAN.date() - timedelta(days=1), MODEL)
    assert live_versions(held, BEGAN.date() - timedelta(days=1)) == ()


def test_compared_is_not_a_judgement(held: Held) -> None:
    (row,) = table(held, "fairness", "Each group beside")
    assert (row["compared"], row["ratio"]) == ("yes", 0.8056)
    report = DOCUMENTS["evaluate", "report"]
    few = report["fairness"]["disparities"][0] | {"verdict": "inconclusive", "ratio": None}
    fairness = report["fairness"] | {"disparities": [few]}
    held.put("evaluate", "report", report | {"fairness": fairness})
    (row,) = table(held, "fairness", "Each group beside")
    assert row["compared"] == "no: inconclusive"


def test_a_full_listing_is_said_to_be_cut(held: Held) -> None:
    held.found_alerts *= 500
    assert gapped(held) == {"alerts"}
