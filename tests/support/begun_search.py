"""Acquires the toy's rows and plans a search: ``python -m tests.support.begun_search SPEC TRIALS``.

Runs in the steps' environment; writes the compiled spec and prints the results' URIs by step.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from include import settings
from include.spec import compiled
from include.steps import run
from include.steps.call import prepare
from include.store.open import open_store
from tests.conftest import Toy
from tests.support.compiled_specs import as_compiled

if TYPE_CHECKING:
    from include.spec.model import CompiledSpec


def begin(spec: CompiledSpec) -> dict[str, str]:
    """Run both steps and return where their results are."""
    done: dict[str, str] = {}
    for name, options in (("acquire", {"partition": "first", "attempt": "1"}), ("plan", {})):
        uris = {"data": done["acquire"]} if done else {}
        call = prepare(name, spec, uris, options, open_store())
        work = importlib.import_module(f"include.steps.{name}").work
        if run.execute(name, work, call.argv("python")[3:]) != 0:
            raise SystemExit(1)
        done[name] = call.output
    return done


def main() -> None:
    """Do what the module says."""
    place, trials = Path(sys.argv[1]), int(sys.argv[2])
    toy = Toy()
    arrivals = Path(settings.read().arrivals.removeprefix("file://"))
    arrivals.mkdir(parents=True)
    rows = toy.rows(2_000)
    rows.assign(owner=rows["owner"].astype(int)).to_csv(arrivals / "first.csv", index=False)
    search = {"candidates": ["forest"], "trials": trials, "seconds": 600, "folds": 3}
    spec = toy.spec(training=search, gates=[{"name": "any", "metric": "auc", "at_least": 0.0}])
    whole = as_compiled(spec)
    place.write_bytes(compiled.to_bytes(whole))
    os.umask(0)
    sys.stdout.write("\n" + json.dumps(begin(whole)) + "\n")


if __name__ == "__main__":
    main()
