"""``python -m include.data.arrivals --to URI``: the data that ships arrives in the landing zone.

Writing again changes nothing: a file that is there with the same bytes stays untouched.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.clock import SystemClock
from include.data import bikes, mortgage
from include.errors import AirworthyError, BadInput
from include.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from include.clock import Clock
    from include.store.objects import ObjectStore

BIKE, MORTGAGE = "bike_demand", "mortgage_approval"
BATCH, MISLABELLED = "2026q3", "2026q4_mislabelled"
POPULATION = "the mortgage applications of Boston, 1990 (loanapp, Hunter and Walker 1996)"
FIRST_YEAR, MONTHS_PLAYED = 2011, 12


@dataclass(frozen=True)
class Arrival:
    """One file of a landing zone: its path below it, and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Delivered:
    """An arrival that is in place; ``written`` tells whether it was not there before."""

    uri: str
    written: bool
    rows: int


def bike_demand(today: date) -> tuple[Arrival, ...]:
    """Return the hourly bike rides as monthly files, ``bike_demand/2011-01.csv`` and on.

    The rides end in 2012, but a schedule lives today: the feed is played again, so that each of
    the twelve complete months before ``today`` arrives as a copy of that month of 2011 or 2012,
    in turn. The rows keep their own dates. Each row also says what was known of earlier rides a
    week before it.
    """
    months = bikes.months()
    played = {month: months[f"{FIRST_YEAR + (int(month[:4]) - FIRST_YEAR) % 2}{month[4:]}"]
              for month in complete_months(today, MONTHS_PLAYED)}  # fmt: skip
    return tuple(
        Arrival(f"{BIKE}/{month}.csv", data) for month, data in sorted((played | months).items())
    )


def complete_months(today: date, number: int) -> tuple[str, ...]:
    """Return the last ``number`` months that were complete on ``today``, oldest first."""
    current = today.year * 12 + today.month - 1
    counted = (divmod(month, 12) for month in range(current - number, current))
    return tuple(f"{year:04d}-{month + 1:02d}" for year, month in counted)


def mortgage_approval(_today: date) -> tuple[Arrival, ...]:
    """Return the batches of mortgage applications.

    ``2026q3`` is the fixed four fifths of the rows that arrive, ``2026q3_damaged`` the same with
    about 4 % of the rows damaged, ``2026q3_broken`` the same with a column renamed and another
    left out, ``2026q4_mislabelled`` the same with wrong outcomes that look right. The last fifth
    is kept apart, in ``replay``, for requests to a served model.
    """
    there, back = mortgage.arriving(mortgage.applications())
    batches = (
        (f"{MORTGAGE}/{BATCH}.csv", there),
        (f"{MORTGAGE}/{BATCH}_damaged.csv", mortgage.damaged(there)),
        (f"{MORTGAGE}/{BATCH}_broken.csv", mortgage.broken(there)),
        (f"{MORTGAGE}/{MISLABELLED}.csv", mortgage.mislabelled(there)),
        (f"replay/{MORTGAGE}/held_back.csv", back),
    )
    arrivals = tuple(Arrival(path, mortgage.to_csv(table)) for path, table in batches)
    return (*arrivals, Arrival(f"replay/{MORTGAGE}/population.txt", f"{POPULATION}\n".encode()))


MODELS: dict[str, Callable[[date], tuple[Arrival, ...]]] = {
    BIKE: bike_demand,
    MORTGAGE: mortgage_approval,
}


def deliver(
    model: str, to: str, store: ObjectStore, clock: Clock | None = None
) -> tuple[Delivered, ...]:
    """Write the batches of a model into the landing zone ``to``.

    Raises:
        BadInput: no data ships for that model.
        StoreFull: no space is left in the landing zone.
        StoreUnavailable: the landing zone cannot be written.
    """
    if model not in MODELS:
        remedy = f"Data ships for {', '.join(MODELS)}"
        raise BadInput("no data ships for this model", where="MODEL", value=model, remedy=remedy)
    today = (clock or SystemClock()).now().date()
    return tuple(_deliver(arrival, to.rstrip("/"), store) for arrival in MODELS[model](today))


def _deliver(arrival: Arrival, to: str, store: ObjectStore) -> Delivered:
    uri = f"{to}/{arrival.path}"
    there = store.exists(uri) and store.read(uri) == arrival.data
    if not there:
        store.write(uri, arrival.data)
    return Delivered(uri, not there, arrival.data.count(b"\n") - 1)


def main(argv: list[str] | None = None) -> int:
    """Deliver the batches of the models asked for, and print a line for each file."""
    parser = argparse.ArgumentParser(prog="python -m include.data.arrivals", description=__doc__)
    parser.add_argument("--to", required=True, help="URI of the landing zone")
    parser.add_argument("models", nargs="*", help="models (all that data ships for)")
    given = parser.parse_args(argv)
    try:
        for model in given.models or MODELS:
            for one in deliver(model, given.to, open_store()):
                word = "arrived" if one.written else "there already"
                print(f"{word:<14} {one.uri}  {one.rows} rows")
    except AirworthyError as error:
        print(f"arrivals: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
