"""What has arrived of a model's data, and which files its dataset versions were made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from include import digest
from include.errors import BadInput, ObjectMissing

if TYPE_CHECKING:
    from include.spec.model import Spec
    from include.store.objects import ObjectStore


class Origin(BaseModel):
    """The part of a dataset version's source that says which bytes it was."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    partition: str
    uri: str
    sha256: str


class Acquired(BaseModel):
    """The part of ``dataset.json`` that says where its rows came from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: str
    digest: str
    sources: tuple[Origin, ...]


@dataclass(frozen=True)
class LandingZone:
    """Where data arrives, and where dataset versions are kept.

    Attributes:
        arrivals: URI of the landing zone.
        root: URI of the object store's root.
    """

    store: ObjectStore
    arrivals: str
    root: str

    def arrived(self, spec: Spec) -> dict[str, str]:
        """Return the URI of each partition that has arrived, by its name.

        Raises:
            StoreUnavailable: the landing zone cannot be read.
        """
        pattern = spec.data.source.uri.replace("{arrivals}", self.arrivals.rstrip("/"))
        before, _, after = pattern.partition("{partition}")
        name = re.compile(f"{re.escape(before)}([^/]+){re.escape(after)}")
        found = (name.fullmatch(uri) for uri in self.store.list(before.rpartition("/")[0]))
        return {match[1]: match[0] for match in found if match}

    def acquired(self, model: str) -> tuple[Acquired, ...]:
        """Return every dataset version of a model.

        Raises:
            BadInput: a description is damaged.
            StoreUnavailable: the store cannot be read.
        """
        everything = self.store.list(f"{self.root.rstrip('/')}/datasets")
        uris = (uri for uri in everything if uri.endswith("/dataset.json"))
        return tuple(found for found in map(self._description, uris) if found.model == model)

    def origins(self, model: str) -> tuple[Origin, ...]:
        """Return every file that dataset versions of a model were made of, as it still is.

        Raises:
            BadInput: a file is gone or has changed, so that its rows cannot be looked at again.
        """
        found = {origin: known for known in self.acquired(model) for origin in known.sources}
        for origin, known in found.items():
            self._check(origin, known)
        return tuple(found)

    def _description(self, uri: str) -> Acquired:
        try:
            return Acquired.model_validate_json(self.store.read(uri))
        except ValidationError as error:
            what = "this describes no dataset version"
            raise BadInput(what, where=uri, value=str(error.errors()[0]["msg"])) from error

    def _check(self, origin: Origin, known: Acquired) -> None:
        try:
            is_same = digest.of_bytes(self.store.read(origin.uri)) == origin.sha256
        except ObjectMissing:
            is_same = False
        if not is_same:
            raise BadInput(
                "it cannot be proved which rows were trained on: a file has changed since",
                where=origin.uri,
                value=f"dataset version {digest.short(known.digest)}",
                remedy="Bring the file back as it was",
            )
