"""What docs/reference/pods.md says is what the source does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from include.pods.ending import PULL_SECONDS
from include.pods.settings import read

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/reference/pods.md").read_text(encoding="utf-8")
SOURCES = [
    *(ROOT / "include/pods").glob("*.py"),
    *(ROOT / "operators/runtimes/pods").glob("*.py"),
    ROOT / "include/store/failures.py",
    ROOT / "include/steps/run.py",
]
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
SETTINGS = sorted(set(re.findall(r'"(AIRWORTHY_(?:POD|STEPS_IMAGE|STORE_)\w*)"', TEXT)))
SENTENCES = re.findall(r"^\| `([^`]+)` \| [A-Z]", PAGE.partition("## Trouble")[2], re.MULTILINE)


def test_every_setting_is_on_the_page() -> None:
    assert len(SETTINGS) > 8
    assert [name for name in SETTINGS if f"`{name}`" not in PAGE] == []


def test_the_page_names_no_setting_that_nobody_reads() -> None:
    named = set(re.findall(r"`(AIRWORTHY_POD_\w+)`", PAGE))
    assert named <= set(SETTINGS)


@pytest.mark.parametrize(
    ("variable", "field"),
    [
        ("AIRWORTHY_STORE_MOUNT", "mount"),
        ("AIRWORTHY_POD_CONNECTION", "connection"),
        ("AIRWORTHY_POD_NAMESPACE", "namespace"),
        ("AIRWORTHY_POD_START_SECONDS", "start_seconds"),
        ("AIRWORTHY_POD_OUTAGE_SECONDS", "outage_seconds"),
        ("AIRWORTHY_POD_TTL_SECONDS", "ttl_seconds"),
    ],
)
def test_defaults_are_those_of_the_source(variable: str, field: str) -> None:
    row = re.search(rf"^\| `{variable}` \| `?([^`|]+?)`? \|", PAGE, re.MULTILINE)
    assert row is not None
    assert row.group(1) == str(getattr(read({"AIRWORTHY_STEPS_IMAGE": "x:1"}), field))


def test_the_patience_with_a_pull_is_the_one_said() -> None:
    assert f"cannot be pulled ({PULL_SECONDS:g} s)" in PAGE


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_trouble_says_is_what_the_source_says(sentence: str) -> None:
    parts = [re.escape(part.strip()) for part in sentence.split("…")]
    assert re.search(".*".join(parts), TEXT), sentence


def test_there_is_trouble_to_look_up() -> None:
    assert len(SENTENCES) > 10
