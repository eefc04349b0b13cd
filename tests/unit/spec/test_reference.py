from __future__ import annotations

import pytest

from include.spec.reference import reference


def row(part: str, field: str) -> str:
    section = reference().decode().split(f"### `{part}`\n")[1].split("\n### ")[0]
    return next(line for line in section.splitlines() if line.startswith(f"| `{field}` |"))


@pytest.mark.parametrize(
    ("part", "field", "default"),
    [
        ("release.first_release.patience", "min_requests", "50"),
        ("release.canary.patience", "min_requests", "100"),
        ("release.canary.undecided", "deadline_hours", "24"),
        ("release.first_release", "deadline_hours", "72"),
        ("release.approval", "required", "false"),
        ("release.first_release", "required", "true"),
    ],
)
def test_a_default_is_the_one_that_holds_at_that_place(part: str, field: str, default: str) -> None:
    assert f" | `{default}` | " in row(part, field)


def test_a_part_that_may_be_left_out_shows_its_own_defaults() -> None:
    assert " | required | " in row("release.signals.quality", "margin")
    assert " | `100` | " in row("release.signals.quality", "min_labels")
