"""A URI taken apart; what could lead out of its folder is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.errors import BadInput

FILE = "file"
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*)://(.*)$", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Location:
    """A scheme and a path without empty, ``.`` or ``..`` segments (absolute for ``file``)."""

    scheme: str
    path: str

    @property
    def uri(self) -> str:
        """The URI in its one canonical form."""
        return f"{self.scheme}://{self.path}"


def parse(uri: str) -> Location:
    """Return the location that a URI names; ``a//b`` and ``a/b/`` mean ``a/b``.

    Raises:
        BadInput: no scheme, no path, a ``..`` or ``.`` segment, a control character, or a
            ``file`` URI that is not absolute.
    """
    match = _SCHEME.match(uri)
    if match is None:
        remedy = "Write it as file:///folder/name or s3://bucket/name"
        raise BadInput("not an absolute URI", where="store", value=uri, remedy=remedy)
    scheme, rest = match.groups()
    segments = [segment for segment in rest.split("/") if segment]
    if {"..", "."} & set(segments) or "\\" in rest or _CONTROL.search(rest):
        remedy = "Name the object by its plain path"
        raise BadInput("this URI leads out of its folder", where="store", value=uri, remedy=remedy)
    if not segments or (scheme == FILE and not rest.startswith("/")):
        remedy = "A file URI has three slashes: file:///folder/name"
        raise BadInput("this URI names no object", where="store", value=uri, remedy=remedy)
    path = "/".join(segments)
    return Location(scheme, f"/{path}" if scheme == FILE else path)


def below(prefix: Location, location: Location) -> str:
    """Return the path of ``location`` relative to ``prefix``, which must be above it."""
    return location.path.removeprefix(prefix.path).lstrip("/")
