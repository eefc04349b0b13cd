"""The rows of a dataset version, parted into training rows and the test window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.data.dataset import DatasetVersion
from include.data.frame import load
from include.data.split import split

if TYPE_CHECKING:
    import pandas as pd

    from include.steps.context import StepContext


@dataclass(frozen=True)
class Rows:
    """Training rows and test rows, indexed by row key, and the digest of where they are from."""

    train: pd.DataFrame
    test: pd.DataFrame
    dataset_digest: str


def rows(context: StepContext) -> Rows:
    """Return the rows of the input ``data``, parted as the spec says.

    Raises:
        BadInput: the dataset is not there, or is not what its document says.
    """
    dataset = context.read_document("data", "dataset", DatasetVersion)
    train, test = split(load(dataset, context.spec, context.store), context.spec)
    return Rows(train, test, dataset.digest)
