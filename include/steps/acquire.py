"""Step ``acquire``: takes the run's partition into an immutable dataset version."""

from __future__ import annotations

from include import settings
from include.data.acquisition import LandingZone, acquire
from include.data.dataset import save
from include.steps import run
from include.steps.contract import Measure


def work(context: run.StepContext) -> run.StepOutcome:
    """Read the files of option ``partition`` (and its history) and keep them as they are.

    Option ``attempt`` is not read: it makes every run look at the landing zone again, and equal
    files are still the same dataset version.

    Raises:
        BadInput: the partition has not arrived, or a file is no proper CSV.
    """
    zone = LandingZone(context.store, settings.read().arrivals, context.root)
    dataset, rows = acquire(context.spec, context.option("partition"), zone)
    save(dataset, rows, context.store)
    message = f"{dataset.rows} rows of {', '.join(dataset.partitions)}"
    if dataset.absent:
        message += f"; not there: {', '.join(dataset.absent)}"
    return run.StepOutcome(
        outcome="acquired",
        message=message,
        artifacts=(context.write_document("dataset", "dataset.json", dataset),),
        metrics=(Measure(name="rows", value=dataset.rows),),
    )


if __name__ == "__main__":
    run.main("acquire", work)
