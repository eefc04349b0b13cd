"""A forgiving look at resolved values, so that cross checks run beside errors of shape.

What is missing or of the wrong kind reads as nothing: the models report that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from include.spec.problems import Steps


@dataclass(frozen=True)
class Part:
    """A mapping or list somewhere in the values, and the way to it."""

    value: object
    steps: Steps = ()

    def at(self, *names: str) -> Part:
        """Return a part further in; its value is None where there is none."""
        here = self.value
        for name in names:
            here = here.get(name) if isinstance(here, dict) else None
        return Part(here, (*self.steps, *names))

    def text(self, *names: str) -> str:
        """Return a text further in, or nothing."""
        value = self.at(*names).value
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> float | None:
        """Return a number further in, or None."""
        value = self.at(name).value
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number else None  # type: ignore[arg-type]  # narrowed above

    def has(self, name: str) -> bool:
        """Return whether a value is given."""
        return self.at(name).value is not None

    def items(self) -> Iterator[Part]:
        """Yield the entries of a list."""
        entries = self.value if isinstance(self.value, list) else []
        for index, entry in enumerate(entries):
            yield Part(entry, (*self.steps, index))

    def texts(self) -> tuple[str, ...]:
        """Return the entries of a list that are texts."""
        return tuple(part.value for part in self.items() if isinstance(part.value, str))


@dataclass(frozen=True)
class View:
    """The values of one model, with the name of its file."""

    file_name: str
    root: Part

    @property
    def columns(self) -> tuple[Part, ...]:
        """The columns of the data contract that are mappings."""
        columns = self.root.at("data", "columns").items()
        return tuple(column for column in columns if isinstance(column.value, dict))

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in file order."""
        return tuple(column.text("name") for column in self.columns)

    def with_role(self, role: str) -> tuple[Part, ...]:
        """Return the columns of one role."""
        return tuple(column for column in self.columns if column.text("role") == role)


def view(file_name: str, values: Mapping[str, Any]) -> View:
    """Return the forgiving look at the values of ``<file_name>.yaml``."""
    return View(file_name, Part(dict(values)))
