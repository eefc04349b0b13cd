from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from include.spec.compute import STEPS, Profile

if TYPE_CHECKING:
    from tests.support.spec_bundle import Bundle

SOURCES = Path(__file__).parents[3] / "include" / "steps"
LARGE = "compute: {steps: {fit_candidate: {memory: 8Gi}}}\n"


def test_every_step_can_have_a_profile() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py")}
    steps = {name for name, text in texts.items() if f'run.main("{name}", work)' in text}
    assert steps == set(STEPS)


def test_a_step_has_its_own_profile_or_the_default(bundle: Bundle, small: str) -> None:
    bundle.write(small + LARGE)
    compute = bundle.compile().spec.compute
    assert compute.of("fit_candidate").memory == "8Gi"
    assert compute.of("gate") == Profile()


def test_where_a_step_runs_does_not_change_what_it_computes(bundle: Bundle, small: str) -> None:
    before = bundle.compile()
    bundle.write(small + LARGE)
    after = bundle.compile()
    assert after.spec.compute != before.spec.compute
    assert after.digest == before.digest
