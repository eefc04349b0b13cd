"""Logs: rotation, torn lines, full queues and disks, and reading back."""

from __future__ import annotations

import os
import threading
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.clock import ManualClock
from include.serving.journal import Journal, JournalLimits
from include.serving.journal_reader import JournalReader
from include.serving.segments import Retention, SegmentWriter, segments

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

DAY = date(2026, 3, 1)


class Line(msgspec.Struct, frozen=True):
    number: int


def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 1, 23, 59, tzinfo=UTC))


def read(folder: Path) -> list[int]:
    return [line.number for line in JournalReader(folder, Line)]


def journal(folder: Path, **limits: object) -> Journal[int]:
    given = JournalLimits(write_every=0.01, **limits)
    return Journal(folder, lambda number: b'{"number":%d}' % number, clock(), given)


def write(folder: Path, *numbers: int, retention: Retention | None = None) -> None:
    writer = SegmentWriter(folder, retention or Retention())
    for number in numbers:
        writer.write(b'{"number":%d}\n' % number, DAY)
    writer.close()


def test_what_is_offered_is_written_in_order(tmp_path: Path) -> None:
    log = journal(tmp_path)
    log.start()
    assert all(log.offer(number, 10) for number in range(1000))
    log.stop()
    assert read(tmp_path) == list(range(1000))
    assert (log.dropped, log.unwritten) == (0, 0)
    again = journal(tmp_path)
    again.start()
    again.offer(1000)
    again.stop()
    assert read(tmp_path)[-1] == 1000
    assert len(segments(tmp_path)) == 1


def test_a_full_queue_drops_and_counts_and_never_waits(tmp_path: Path) -> None:
    log = journal(tmp_path, entries=5)
    assert [log.offer(number) for number in range(7)] == [True] * 5 + [False] * 2
    assert log.dropped == 2
    assert not log.has_room()
    log.start()
    log.stop()
    assert read(tmp_path) == [0, 1, 2, 3, 4]
    assert log.has_room(5)


def test_a_queue_is_full_by_bytes_too(tmp_path: Path) -> None:
    log = journal(tmp_path, entry_bytes=100)
    assert log.offer(1, 100)
    assert not log.offer(2, 1)
    log.start()
    log.stop()
    assert log.has_room()


def test_an_entry_that_cannot_be_told_costs_only_itself(tmp_path: Path) -> None:
    log: Journal[int] = Journal(
        tmp_path, lambda number: b'{"number":%d}' % (1 // number), clock(), JournalLimits()
    )
    for number in (1, 0, 1):
        log.offer(number)
    log.start()
    log.stop()
    assert read(tmp_path) == [1, 1]
    assert log.unwritten == 1


def test_line_feeds_in_an_entry_do_not_make_two_lines(tmp_path: Path) -> None:
    log: Journal[bytes] = Journal(tmp_path, bytes, clock(), JournalLimits())
    log.offer(b'{\n"number":\n 7}')
    log.start()
    log.stop()
    assert read(tmp_path) == [7]


def test_a_disk_that_refuses_costs_entries_and_not_the_log(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.write_text("a file where the folder should be")
    log = journal(folder)
    log.start()
    log.offer(1)
    wait(lambda: log.unwritten == 1)
    folder.unlink()
    log.offer(2)
    log.stop()
    assert read(folder) == [2]
    assert log.unwritten == 1


def wait(true: object) -> None:
    for _ in range(500):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError


def test_a_day_and_a_size_begin_a_segment(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, Retention(segment_bytes=30))
    for number in range(5):
        writer.write(b'{"number":%d}\n' % number, DAY)
    writer.write(b'{"number":5}\n', DAY + timedelta(days=1))
    writer.close()
    assert [one.path.name for one in segments(tmp_path)] == [
        "2026-03-01.0000.jsonl",
        "2026-03-01.0001.jsonl",
        "2026-03-02.0000.jsonl",
    ]
    assert read(tmp_path) == list(range(6))


def test_a_full_last_segment_is_not_written_on(tmp_path: Path) -> None:
    small = Retention(segment_bytes=10)
    write(tmp_path, 1, retention=small)
    write(tmp_path, 2, retention=small)
    assert [one.part for one in segments(tmp_path)] == [0, 1]


def test_old_segments_go_by_age(tmp_path: Path) -> None:
    for days in (40, 31, 30, 1):
        day = DAY - timedelta(days=days)
        (tmp_path / f"{day}.0000.jsonl").write_text('{"number":1}\n')
    write(tmp_path, 2, retention=Retention(days=30))
    assert [(DAY - one.day).days for one in segments(tmp_path)] == [30, 1, 0]


def test_old_segments_go_by_size_but_never_the_one_being_written(tmp_path: Path) -> None:
    for part in range(4):
        (tmp_path / f"2026-02-0{part + 1}.0000.jsonl").write_bytes(b"x" * 100)
    write(tmp_path, 1, retention=Retention(total_bytes=250))
    assert [one.day.day for one in segments(tmp_path)] == [3, 4, 1]
    write(tmp_path, 2, retention=Retention(total_bytes=1))
    assert read(tmp_path) == [1, 2]


def test_files_of_other_names_are_left_alone(tmp_path: Path) -> None:
    for name in ("notes.jsonl", "2020-01-01.jsonl", "2020-01-01.0000.jsonl.bak"):
        (tmp_path / name).write_text("mine")
    write(tmp_path, 1, retention=Retention(days=0, total_bytes=0))
    assert len(list(tmp_path.iterdir())) == 4


def test_only_the_owner_can_read(tmp_path: Path) -> None:
    write(tmp_path / "log", 1)
    (segment,) = segments(tmp_path / "log")
    assert segment.path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=st.integers(0, 5), cut=st.integers(0, 12), after=st.integers(1, 5))
def test_a_torn_line_costs_only_itself(
    tmp_path_factory: pytest.TempPathFactory, before: int, cut: int, after: int
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    write(folder, *range(before), 99)
    (segment,) = segments(folder)
    os.truncate(segment.path, segment.path.stat().st_size - 1 - cut)
    write(folder, *range(after))
    whole = [99] if cut == 0 else []  # only its line feed was lost
    reader = JournalReader(folder, Line)
    assert [line.number for line in reader] == [*range(before), *whole, *range(after)]
    assert reader.unreadable == (cut > 0)


def test_the_newest_are_read_without_the_rest(tmp_path: Path) -> None:
    write(tmp_path, *range(10), retention=Retention(segment_bytes=40))
    reader = JournalReader(tmp_path, Line)
    assert [line.number for line in reader.newest(4)] == [6, 7, 8, 9]
    assert [line.number for line in reader.newest(99)] == list(range(10))
    assert JournalReader(tmp_path / "nowhere", Line).newest(3) == ()
