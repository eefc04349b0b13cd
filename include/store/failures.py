"""What a file system raises, as the error tree of the store."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from include.errors import AirworthyError, ObjectMissing, StoreFull, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_AN_OBJECT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


@contextmanager
def reading(uri: str) -> Iterator[None]:
    """Raise ``ObjectMissing`` where nothing is there, else as ``asking``."""
    with asking(uri):
        try:
            yield
        except _NOT_AN_OBJECT as error:
            remedy = "Check the URI, and that the step which writes it has run"
            raise ObjectMissing("no such object", where=uri, remedy=remedy) from error


@contextmanager
def asking(uri: str) -> Iterator[None]:
    """Raise ``StoreFull`` or ``StoreUnavailable`` for whatever goes wrong inside.

    Remote file systems raise exceptions of their own libraries, so this border catches all.
    """
    try:
        yield
    except AirworthyError:
        raise
    except OSError as error:
        raise _os_error(error, uri) from error
    except Exception as error:
        remedy = "Check the store's address and credentials"
        what = f"the store failed: {type(error).__name__}: {error}"
        raise StoreUnavailable(what, where=uri, remedy=remedy) from error


@contextmanager
def filling(folder: str) -> Iterator[None]:
    """Raise ``StoreFull`` where the disk of a working folder is full; all else passes as it is."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        what = f"the disk is full: {error.strerror or error}"
        raise StoreFull(what, where=folder, remedy="Free space, then retry") from error


def _os_error(error: OSError, uri: str) -> StoreUnavailable:
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return StoreFull(f"the store is full: {reason}", where=uri, remedy="Free space, then retry")
    remedy = "Check that the store is there and may be read and written"
    return StoreUnavailable(f"the store refused: {reason}", where=uri, remedy=remedy)
