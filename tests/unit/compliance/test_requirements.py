"""Rules are dated data: a report of a day names what was known on that day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from include.compliance import requirements
from include.compliance.sections import ALL
from include.errors import BadInput
from tests.unit.compliance.test_evidence import contents

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.compliance import Held

ROW = {
    "id": "a", "instrument": "A", "asks": "b", "source": "c", "status": "binding",
    "announced": "2026-01-01", "in_force_from": "2026-01-01", "sections": ["data"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("day", "named", "unnamed"),
    [("2026-04-16", "SR 11-7", "SR 26-2"), ("2026-04-17", "SR 26-2", "SR 11-7"),
     ("2026-04-18", "SR 26-2", "SR 11-7")],
)  # fmt: skip
def test_a_report_names_the_guidance_of_its_day(
    held: Held, day: str, named: str, unnamed: str
) -> None:
    found = contents(held, date.fromisoformat(day))
    instruments = " ".join(row.instrument for row in found.requirements)
    assert named in instruments
    assert unnamed not in instruments


def test_what_is_announced_and_not_in_force_says_from_when(held: Held) -> None:
    rows = {row.id: row for row in contents(held).requirements}
    assert rows["eu_ai_act_annex_iv_3"].status.startswith("applies from 2027-12-02")
    assert rows["reg_b_1002_9"].status == "in force, binding"
    assert rows["nist_measure_2_3"].status == "voluntary"


def test_a_gap_in_a_section_is_seen_in_the_requirement(held: Held) -> None:
    before = {row.id: row.evidence for row in contents(held).requirements}
    del held.objects["mem://select/selection.json"]
    after = {row.id: row.evidence for row in contents(held).requirements}
    assert (before["nist_measure_2_9"], after["nist_measure_2_9"]) == ("held", "held with gaps")
    assert before["nist_measure_2_11"] == after["nist_measure_2_11"] == "held"


def test_what_only_people_can_give_is_a_gap(held: Held) -> None:
    found = contents(held)
    told = [gap.what for gap in found.gaps if gap.section == "requirements"]
    assert any("declaration of conformity" in what for what in told)
    none = {row.id for row in found.requirements if row.evidence == "none held"}
    assert "eu_ai_act_annex_iv_8" in none
    assert len(told) == len(none)


def test_no_row_claims_compliance(held: Held) -> None:
    assert {row.evidence for row in contents(held).requirements} <= {
        "held", "held with gaps", "none held",
    }  # fmt: skip


def test_every_row_has_source_dates_and_a_digest_of_its_own() -> None:
    pack = requirements.read()
    assert all(one.source and one.announced <= one.in_force_from for one in pack.requirements)
    assert len({one.digest for one in pack.requirements}) == len(pack.requirements)
    assert len(pack.requirements) >= 10


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"in_force_to": "2025-01-01"}, "ends before it begins"),
        ({"sections": []}, "neither a section nor a remedy"),
        ({"status": "compliant"}, "status"),
        ({"in_force_from": "soon"}, "in_force_from"),
    ],
)
def test_a_broken_row_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    write(tmp_path, ROW | change)
    with pytest.raises(BadInput, match=said):
        requirements.read(tmp_path)


def test_a_pack_has_each_id_once(tmp_path: Path) -> None:
    write(tmp_path, ROW, ROW)
    with pytest.raises(BadInput, match="there twice: a"):
        requirements.read(tmp_path)


def test_a_pack_that_names_no_section_is_refused(tmp_path: Path) -> None:
    write(tmp_path, ROW | {"sections": ["nowhere"]})
    with pytest.raises(BadInput, match="nowhere"):
        requirements.rows(requirements.read(tmp_path), date(2026, 5, 1), ())


def test_a_folder_without_a_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no requirement pack"):
        requirements.read(tmp_path)


def write(folder: Path, *rows: dict[str, object]) -> None:
    import json

    text = json.dumps({"pack": "t", "read_until": "2026-01-01", "requirements": rows})
    (folder / "2026-01.yaml").write_text(text)


def test_there_are_sections_to_name() -> None:
    assert len(ALL) == 14
