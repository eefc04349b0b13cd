"""Setting the test window apart: by the row's key, or by time."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from include.data import row_key
from include.errors import BadInput
from include.spec.model import Role

if TYPE_CHECKING:
    import pandas as pd

    from include.spec.model import Spec

_RANGE = 1 << 64


def split(frame: pd.DataFrame, spec: Spec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the training rows and the rows of the test window, each in the frame's order.

    Raises:
        BadInput: one of the two would be empty, or a time split has no time column.
    """
    in_test = _by_time(frame, spec) if spec.split.kind == "time" else _by_hash(frame, spec)
    train, test = frame[~in_test], frame[in_test]
    if train.empty or test.empty:
        value = f"{len(train)} training rows, {len(test)} test rows"
        remedy = "Give it more data, or another test_share"
        raise BadInput("the split leaves one side empty", where="split", value=value, remedy=remedy)
    return train, test


def in_window(key: str, share: float) -> bool:
    """Say whether a row belongs to the test window, by its key alone.

    The first 8 bytes of the SHA-256 of the key, over 2**64, lie below ``share``. Rows that repeat
    each other differ only in the counter of their key, which is left out: they stay together.
    """
    number = int.from_bytes(sha256(row_key.base(key).encode()).digest()[:8])
    return number < share * _RANGE


def _by_hash(frame: pd.DataFrame, spec: Spec) -> pd.Series:
    share = spec.split.test_share
    return frame.index.map(lambda key: in_window(str(key), share)).to_series(index=frame.index) == 1


def _by_time(frame: pd.DataFrame, spec: Spec) -> pd.Series:
    """Take the fewest whole last days that hold the share, but leave a first day for training."""
    columns = spec.data.named(Role.TIME)
    if not columns:
        remedy = "Give one column the role `time`"
        raise BadInput("a time split needs a time column", where="split.kind", remedy=remedy)
    days = frame[columns[0].name].dt.normalize()
    counts = days.value_counts().sort_index(ascending=False).cumsum()
    enough = counts[counts >= spec.split.test_share * len(frame)]
    later = sorted(counts.index)[1:]
    if not later or enough.empty:
        value = f"{len(counts)} day(s)"
        raise BadInput("too few days to set one apart", where="split", value=value)
    return days >= max(enough.index[0], later[0])
