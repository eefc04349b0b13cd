"""Where the Optuna study of a training lies: beside the results, one for all its searches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from include.errors import ObjectMissing
from include.store.uri import FILE, parse

if TYPE_CHECKING:
    from typing import Any

    from include.steps.context import StepContext
    from include.store.objects import ObjectStore

JOURNAL = "study.journal"


def storage(context: StepContext, algorithm: str) -> JournalStorage:
    """Return the storage of the run's study; it is found again by whoever goes on with the run.

    In a folder, all searches write one journal under a lock. An object store cannot append: there,
    each search keeps a journal of its own and uploads it after each trial.

    Raises:
        StoreUnavailable: the store did not answer.
    """
    folder = f"{context.root}/studies/{context.inputs['plan'].key}"
    if not context.output.startswith(context.root):
        # Computed again for comparison: from the first trial on, beside what was found before.
        folder = f"file://{context.scratch}/studies"
    place = parse(f"{folder}/{JOURNAL}")
    if place.scheme != FILE:
        uri = f"{folder}/{algorithm}.journal"
        return JournalStorage(_Uploaded(context.scratch / JOURNAL, uri, context.store))
    path = Path(place.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = JournalFileOpenLock(str(path))
    _mend(path, lock)
    return JournalStorage(JournalFileBackend(str(path), lock_obj=lock))


class _Uploaded(JournalFileBackend):
    """A journal in scratch that is copied to the store whenever it grows."""

    def __init__(self, path: Path, uri: str, store: ObjectStore) -> None:
        try:
            path.write_bytes(store.read(uri))
        except ObjectMissing:
            path.touch()
        self._path, self._uri, self._objects = path, uri, store
        super().__init__(str(path))

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append, and upload the whole."""
        super().append_logs(logs)
        self._objects.write(self._uri, self._path.read_bytes())


def _mend(path: Path, lock: JournalFileOpenLock) -> None:
    """Cut off a last line that a full disk or a power cut left half written."""
    if not path.exists():
        return
    lock.acquire()
    try:
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if whole != data:
            path.write_bytes(whole)
    finally:
        lock.release()
