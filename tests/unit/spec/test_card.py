from __future__ import annotations

from typing import Any

from include.spec.card import card


def test_a_page_says_purpose_data_gates_and_release(compiled: Any) -> None:
    spec = compiled.spec
    page = card(spec, "Trains it.")
    assert spec.title in page
    assert spec.purpose.strip() in page
    assert spec.owner.team in page
    assert f"target `{spec.data.target.name}`" in page
    assert all(f"`{gate.name}`" in page for gate in spec.gates)
    assert f"endpoint `{spec.release.endpoint}`" in page
