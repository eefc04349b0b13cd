"""Arrays of numbers as NumPy's own files: equal arrays are equal bytes, and nothing is pickled."""

from __future__ import annotations

import io

import numpy as np

from include.errors import BadInput


def to_bytes(array: np.ndarray) -> bytes:
    """Return an array as the bytes of a ``.npy`` file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def from_bytes(data: bytes, where: str) -> np.ndarray:
    """Return the array in the bytes of a ``.npy`` file.

    Raises:
        BadInput: this is no such file, or it holds objects.
    """
    try:
        array: np.ndarray = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError) as error:
        raise BadInput("this is no array of numbers", where=where, value=str(error)) from error
    return array
