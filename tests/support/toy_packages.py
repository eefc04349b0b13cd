"""Makes packages of the toy model as training would: ``python -m`` this with SPEC and NUMBER.

Runs in the steps' environment, with ``AIRWORTHY_HOME``; leaves what a version is registered with in
``drafts/<n>.json`` of the home.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from include import settings
from include.spec import compiled
from include.steps import run
from include.steps.call import prepare, read_result
from include.store.open import open_store
from tests.conftest import Toy

INPUTS = {
    "acquire": (),
    "train": ("data",),
    "evaluate": ("data", "train"),
    "gate": ("evaluate",),
    "package": ("data", "train", "evaluate", "gate"),
}


def draft(whole: Any, number: int) -> bytes:
    """Run the steps over rows of their own and return the registration draft."""
    store, done = open_store(), {}
    for name, needed in INPUTS.items():
        options = {"partition": f"p{number}", "attempt": "1"} if name == "acquire" else {}
        call = prepare(name, whole, {known: done[known] for known in needed}, options, store)
        work = importlib.import_module(f"include.steps.{name}").work
        if run.execute(name, work, call.argv("python")[3:], store=store):
            sys.exit(f"{name} of package {number} failed")
        done[name] = call.output
        done.setdefault("data", call.output)
    packaged = read_result(store, done["package"])
    return store.read(packaged.artifact("registration").uri)


def main(spec: str, count: str) -> None:
    home = settings.read().home
    for folder in ("arrivals", "drafts"):
        (home / folder).mkdir(exist_ok=True)
    whole = compiled.from_bytes(Path(spec).read_bytes(), spec)
    for number in range(int(count)):
        rows = Toy().rows(seed=number)
        rows = rows.assign(owner=rows["owner"].astype(int))
        rows.to_csv(home / "arrivals" / f"p{number}.csv", index=False)
        (home / "drafts" / f"{number}.json").write_bytes(draft(whole, number))


if __name__ == "__main__":
    main(*sys.argv[1:])
