"""When training starts by itself, from the spec."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import CronDataIntervalTimetable, CronTriggerTimetable

if TYPE_CHECKING:
    from include.spec.model import Schedule

UNSCHEDULED = datetime(2026, 1, 1, tzinfo=UTC)
# A report is of a moment, not of an interval. The first run of an installation is that of the
# Monday before it, when nothing was live yet.
WEEKLY = CronTriggerTimetable("0 4 * * 1", timezone="UTC")
WEEKLY_LIMIT = timedelta(hours=6)
HOURLY = CronTriggerTimetable("17 * * * *", timezone="UTC")
HOURLY_LIMIT = timedelta(minutes=50)


def timetable(schedule: Schedule | None) -> CronDataIntervalTimetable | None:
    """Return real data intervals: a bare cron expression would give intervals of no length."""
    return CronDataIntervalTimetable(schedule.cron, timezone="UTC") if schedule else None


def start(schedule: Schedule | None) -> datetime:
    """Return the start of the first interval; fixed where nothing is scheduled."""
    if schedule is None:
        return UNSCHEDULED
    day = schedule.start
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def catchup(schedule: Schedule | None) -> bool:
    """Say whether intervals that were missed are run."""
    return schedule is not None and schedule.catchup
