"""That a step ran out of memory, remembered from one try of its task to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk import Context

NOTE = "airworthy_out_of_memory"


def has_run_out(context: Context, key: str) -> bool:
    """Say whether this very call ran out of memory in the try before."""
    store = context.get("task_state_store")
    return store is not None and store.get(NOTE) == key


def note(context: Context, key: str) -> None:
    """Remember the call that ran out of memory; nothing, where it had been given more."""
    store = context.get("task_state_store")
    if store is not None:
        store.set(NOTE, key)
