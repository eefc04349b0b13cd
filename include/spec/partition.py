"""Which partition of the data a run is about: one answer for every way a run can begin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from include.errors import BadInput
from include.spec.model import Partitioning

if TYPE_CHECKING:
    from datetime import datetime

MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


class Beginning(StrEnum):
    """How a run began, in Airflow's words."""

    SCHEDULED = "scheduled"
    BACKFILL = "backfill"
    MANUAL = "manual"
    OPERATOR_TRIGGERED = "operator_triggered"
    ASSET_TRIGGERED = "asset_triggered"
    ASSET_MATERIALIZATION = "asset_materialization"


OWN_INTERVAL = frozenset({Beginning.SCHEDULED, Beginning.BACKFILL})


@dataclass(frozen=True)
class PartitionedRun:
    """What decides the partition of one run.

    Attributes:
        beginning: How the run began.
        partitioning: How the model's data arrives.
        default: Partition that the spec names for runs that ask for none.
        requested: Partition that a person asked for; empty for none.
        interval_start: Start of the data interval; None for a run without one (a manual or
            asset-triggered run has neither interval nor logical date).
        run_after: Earliest instant at which the run may start; every run has one.
    """

    beginning: Beginning
    partitioning: Partitioning
    default: str
    requested: str
    interval_start: datetime | None
    run_after: datetime


def partition_of(run: PartitionedRun) -> str:
    """Return the name of the partition that ``run`` trains on.

    Raises:
        BadInput: nothing names a partition, the name is malformed, or a run that owns a data
            interval was asked for another month than its own.
    """
    if run.partitioning is Partitioning.MONTHLY:
        return _month(run)
    name = run.requested or run.default
    if not NAME.fullmatch(name):
        raise BadInput(
            "the run names no usable partition",
            where="partition",
            value=name,
            remedy="Give the name of an arrived batch (letters, digits, '_', '.', '-')",
        )
    return name


def _month(run: PartitionedRun) -> str:
    own = _own_month(run)
    if not run.requested:
        return own
    if not MONTH.fullmatch(run.requested):
        raise BadInput(
            "not a month", where="partition", value=run.requested, remedy="Write it as 2011-07"
        )
    if run.beginning in OWN_INTERVAL and run.requested != own:
        raise BadInput(
            f"a {run.beginning.value} run takes the month of its data interval, {own}",
            where="partition",
            value=run.requested,
            remedy="Leave the field empty, or trigger a run by hand",
        )
    return run.requested


def _own_month(run: PartitionedRun) -> str:
    if run.interval_start is not None:
        return f"{run.interval_start:%Y-%m}"
    # Without an interval: the last month that was complete when the run could start.
    return f"{run.run_after.replace(day=1) - timedelta(days=1):%Y-%m}"
