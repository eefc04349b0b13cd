"""Where the values of a YAML file stand, read without composing anything.

Hydra gives values without positions; the node tree of the same text gives the positions. An alias
has the position of its anchor, because that is where its value is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from include.spec.problems import Place, Problem, Steps, dotted

if TYPE_CHECKING:
    from pathlib import Path

    from ruamel.yaml.nodes import Node

_MERGE = "<<"
_MOST_VALUES = 50_000
_ENVIRONMENT_VARIABLE = "${oc.env"
_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge")
}


@dataclass
class Places:
    """Positions of keys and values by path; later files lie over earlier ones."""

    values: dict[Steps, Place] = field(default_factory=dict)
    keys: dict[Steps, Place] = field(default_factory=dict)
    mappings: set[Steps] = field(default_factory=set)

    def of(self, steps: Steps) -> Place:
        """Return where a value stands, or else the innermost part around it that is known."""
        for length in range(len(steps), -1, -1):
            if steps[:length] in self.values:
                return self.values[steps[:length]]
        return Place("", 1, 1)

    def of_key(self, steps: Steps) -> Place:
        """Return where the key of a value stands, or else its value."""
        return self.keys.get(steps) or self.of(steps)

    def lay_over(self, other: Places, at: Steps) -> None:
        """Put the positions of another file on top, under the path ``at``.

        A list or scalar replaces what was there, a mapping is merged into a mapping: the rules by
        which Hydra merges the values.
        """
        for steps, place in other.values.items():
            path = (*at, *steps)
            merges = steps in other.mappings and path in self.mappings
            if path in self.values and not merges:
                self._forget(path)
            self.values[path] = place
            if steps in other.mappings:
                self.mappings.add(path)
            if steps in other.keys:
                self.keys[path] = other.keys[steps]

    def _forget(self, path: Steps) -> None:
        for known in [known for known in self.values if known[: len(path)] == path]:
            del self.values[known]
            self.keys.pop(known, None)
            self.mappings.discard(known)


@dataclass
class Document:
    """One YAML file: where its values stand, and what is wrong with its text."""

    file: str
    places: Places = field(default_factory=Places)
    scalars: dict[Steps, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def say(self, place: Place, what: str, *, path: str = "", value: object = None) -> None:
        """Add a problem."""
        self.problems.append(Problem(place, path, what, value))


def read(folder: Path, file: str) -> Document:
    """Return the positions in ``folder/file``; problems with its text are in the document."""
    document = Document(file)
    text = _text(folder / file, document)
    if text is None:
        return document
    try:
        node = YAML(pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        document.say(place, f"not YAML: {' '.join((error.problem or 'cannot be read').split())}")
    except (YAMLError, RecursionError) as error:
        document.say(Place(file, 1, 1), f"not YAML: {str(error).splitlines()[0]}")
    else:
        _read_root(node, document)
    return document


def _text(path: Path, document: Document) -> str | None:
    start = Place(document.file, 1, 1)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        document.say(start, "no such file")
        return None
    except OSError as error:
        document.say(start, f"cannot be read: {error.strerror}")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = error.start - before.rfind(b"\n")
        place = Place(document.file, before.count(b"\n") + 1, column)
        document.say(place, "not UTF-8", value=f"byte 0x{data[error.start]:02x}")
        return None


def _read_root(node: Node | None, document: Document) -> None:
    if isinstance(node, MappingNode):
        _Walk(document).visit(node, ())
        return
    what = "the file is empty" if node is None else "a spec is a mapping of fields to values"
    document.say(_place(node, document.file), what)


def _place(node: Node | None, file: str) -> Place:
    if node is None:
        return Place(file, 1, 1)
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)


class _Walk:
    """Visits the nodes of one document, remembering which ones it is inside of."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.inside: list[int] = []

    def visit(self, node: Node, steps: Steps) -> None:
        places = self.document.places
        place = _place(node, self.document.file)
        if id(node) in self.inside or len(places.values) >= _MOST_VALUES:
            what = "an anchor holds itself" if id(node) in self.inside else "too many values"
            self.document.say(place, what, path=dotted(steps))
            return
        places.values[steps] = place
        if str(node.tag) not in _TAGS:
            self.document.say(place, "no tags in a spec", path=dotted(steps), value=str(node.tag))
        self.inside.append(id(node))
        if isinstance(node, MappingNode):
            places.mappings.add(steps)
            self._mapping(node, steps)
        elif isinstance(node, SequenceNode):
            for index, item in enumerate(node.value):
                self.visit(item, (*steps, index))
        elif isinstance(node, ScalarNode):
            self._scalar(node, steps)
        self.inside.pop()

    def _mapping(self, node: MappingNode, steps: Steps) -> None:
        for key, value in node.value:
            if key.value == _MERGE:
                self._merge(value, steps)
        seen: set[str] = set()
        for key, value in node.value:
            if key.value == _MERGE:
                continue
            path = (*steps, str(key.value))
            place = _place(key, self.document.file)
            if str(key.value) in seen:
                self.document.say(place, "this key was given before", path=dotted(path))
            seen.add(str(key.value))
            self.document.places.keys[path] = place
            self.visit(value, path)

    def _merge(self, value: Node, steps: Steps) -> None:
        merged = value.value if isinstance(value, SequenceNode) else [value]
        for mapping in reversed(merged):
            if isinstance(mapping, MappingNode) and id(mapping) not in self.inside:
                self._mapping(mapping, steps)

    def _scalar(self, node: ScalarNode, steps: Steps) -> None:
        self.document.scalars[steps] = str(node.value)
        if _ENVIRONMENT_VARIABLE in str(node.value):
            place = _place(node, self.document.file)
            what = "a spec does not read environment variables: compiling it twice would differ"
            self.document.say(place, what, path=dotted(steps), value=node.value)
