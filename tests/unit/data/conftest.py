"""A small spec and small files of its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from include.spec.model import Spec

if TYPE_CHECKING:
    from collections.abc import Callable

OWNER = {"team": "fleet", "email": "fleet@example.com"}
COLUMNS = (
    {"name": "id", "type": "integer", "role": "key"},
    {"name": "day", "type": "date", "role": "time"},
    {"name": "amount", "type": "number", "role": "feature", "minimum": 0, "maximum": 1000},
    {"name": "grade", "type": "category", "role": "feature", "allowed": [1, 2, 3]},
    {"name": "place", "type": "category", "role": "feature", "nullable": True},
    {"name": "member", "type": "boolean", "role": "feature"},
    {"name": "paid", "type": "boolean", "role": "target", "allowed": [0, 1]},
)
HEADER = "id,day,amount,grade,place,member,paid"


def make_spec(**data: Any) -> Spec:
    task, split = data.pop("task", "classification"), data.pop("split", {"kind": "hash"})
    columns = data.pop("columns", COLUMNS)
    whole = {
        "source": {"uri": "{arrivals}/loans/{partition}.csv"},
        "partitioning": "named",
        "row_key": ["id"],
        "columns": [{"available_at": "application", **column} for column in columns],
        "quality": {"min_rows": 5, "max_quarantine_share": 0.2, "min_score": 0.5},
        **data,
    }
    return Spec.model_validate({
        "model": "loans",
        "title": "Loans",
        "purpose": "Tests.",
        "owner": OWNER,
        "materiality": "low",
        "task": task,
        "data": whole,
        "split": split,
        "training": {"candidates": ["logistic"]},
        "evaluation": {"metrics": ["auc"]},
        "gates": [],
        "release": {"endpoint": "loans"},
    })


def make_lines(count: int) -> list[str]:
    return [
        f"{n},2026-01-{1 + n % 28:02d},{n * 1.5},{1 + n % 3},{'north' if n % 2 else ''},"
        f"{n % 2},{int(n % 5 > 1)}"
        for n in range(1, count + 1)
    ]


def make_csv(lines: list[str], header: str = HEADER) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


@pytest.fixture
def spec_of() -> Callable[..., Spec]:
    """Make a spec; keywords replace parts of its data contract (or `task`, `split`)."""
    return make_spec


@pytest.fixture
def lines_of() -> Callable[[int], list[str]]:
    """Make that many good rows of the small spec, as CSV lines."""
    return make_lines


@pytest.fixture
def csv_of() -> Callable[..., bytes]:
    """Make a file of lines below a header."""
    return make_csv
