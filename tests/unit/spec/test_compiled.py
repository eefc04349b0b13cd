"""A compiled spec is read fast, and refused when it is stale or not one."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from include.errors import BadInput, SpecStale
from include.spec import compiled as files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.spec_bundle import Bundle


@pytest.fixture
def written(bundle: Bundle) -> Path:
    return files.write(bundle.compile(), bundle.folder / "compiled")


def test_what_was_written_is_read(bundle: Bundle, written: Path) -> None:
    assert written.name == "small.json"
    assert files.read(written) == bundle.compile()
    assert files.read(written, environment="embedded").spec.model == "small"
    assert files.models(written.parent) == ("small",)


def test_bytes_are_the_same_each_time(bundle: Bundle, written: Path) -> None:
    before = written.stat().st_mtime_ns
    assert files.to_bytes(bundle.compile()) == written.read_bytes()
    assert files.write(bundle.compile(), written.parent).stat().st_mtime_ns == before
    assert [path.name for path in written.parent.iterdir()] == ["small.json"]


def stale(path: Path, **options: str) -> str:
    with pytest.raises(SpecStale) as raised:
        files.read(path, **options)  # type: ignore[arg-type]
    assert str(raised.value).endswith("Run `airworthy spec compile`")
    assert str(path) in str(raised.value)
    return raised.value.what


def test_changed_yaml_makes_it_stale(bundle: Bundle, written: Path, small: str) -> None:
    bundle.write(f"# a comment is a change too\n{small}")
    assert "small.yaml has changed" in stale(written)


def test_yaml_that_is_gone_makes_it_stale(bundle: Bundle, written: Path) -> None:
    (bundle.models / "small.yaml").unlink()
    assert "small.yaml cannot be read" in stale(written)


def test_a_shared_file_counts_as_well(bundle: Bundle, small: str) -> None:
    bundle.write("slack_channel: here\n", "defaults/alerts.yaml")
    bundle.write(f"defaults: [defaults/alerts@alerts, _self_]\n{small}")
    written = files.write(bundle.compile(), bundle.folder / "compiled")
    files.read(written)
    bundle.write("slack_channel: there\n", "defaults/alerts.yaml")
    assert "defaults/alerts.yaml has changed" in stale(written)


def test_a_new_override_makes_it_stale(bundle: Bundle, written: Path) -> None:
    bundle.write("title: Here\n", "environments/other/small.yaml")
    files.read(written)
    bundle.write("title: Here\n", "environments/embedded/small.yaml")
    assert "environments/embedded/small.yaml is new" in stale(written)


def test_another_environment_makes_it_stale(written: Path) -> None:
    assert "compiled for embedded, not for live" in stale(written, environment="live")


def test_missing_file_is_stale(tmp_path: Path) -> None:
    assert "no compiled spec" in stale(tmp_path / "none.json")


def test_edited_content_is_stale(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    written.write_text(text.replace('"at_least": 0.6', '"at_least": 0.1'), encoding="utf-8")
    assert "does not match its digest" in stale(written)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"format": 2}'])
def test_what_is_no_compiled_spec_is_bad_input(written: Path, content: bytes) -> None:
    written.write_bytes(content)
    with pytest.raises(BadInput, match="not a compiled spec"):
        files.read(written)


def test_unknown_fields_are_refused(written: Path) -> None:
    document = json.loads(written.read_bytes())
    document["spec"]["gates"][0]["mood"] = "fine"
    with pytest.raises(BadInput, match=r"spec\.gates\.0\.mood"):
        files.from_bytes(json.dumps(document).encode(), "here")


def test_reading_takes_less_than_20_ms(written: Path) -> None:
    files.read(written)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        files.read(written)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.02
