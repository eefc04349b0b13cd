"""A prediction as values, and who wants to know of each one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from include.serving import said

if TYPE_CHECKING:
    from include.errors import AirworthyError
    from include.serving.said import Said
    from include.serving.upstream import Answer


@dataclass(frozen=True)
class Asked:
    """A request for a prediction.

    Attributes:
        endpoint: The endpoint.
        body: JSON of the Open Inference Protocol.
        request_id: Id that goes through to the model server and back to the caller.
        unit: Whom it is about: the same unit gets the same variant. Empty for nobody in particular.
        variant: Asks this variant whatever its weight; empty for the router's choice.
        revision: The endpoint's revision at routing time, which the dispatcher fills in.
        token: The fencing token of that revision.
        retried: Whether a server was lost over it and another one is asked, out of turn.
    """

    endpoint: str
    body: bytes
    request_id: str
    unit: str = ""
    variant: str = ""
    revision: int = 0
    token: int = 0
    retried: bool = False


@dataclass(frozen=True)
class Predicted:
    """A model server's answer, and whose it is.

    Attributes:
        asked: The request.
        answer: The answer as it came.
        variant: Name of the variant that answered.
        version: The model version behind it.
        seconds: From sending the request to the whole answer.
        nth: How many requests the model server has answered since its start, this one included.
    """

    asked: Asked
    answer: Answer
    variant: str
    version: str
    seconds: float
    nth: int = 0

    @cached_property
    def said(self) -> Said | None:
        """The predictions, read once whoever asks; None where the body is not the protocol's."""
        return said.read(self.answer.body)


class Witness(Protocol):
    """Whoever wants to know of every answered or failed request; must be quick."""

    def answered(self, predicted: Predicted) -> None:
        """Take note of an answer, whatever its status."""

    def failed(self, asked: Asked, variant: str, version: str, error: AirworthyError) -> None:
        """Take note that a known endpoint gave no answer; variant may be empty."""

    def mirrored(
        self,
        asked: Asked,
        visible: Predicted | None,
        shadow: Predicted | None,
        variant: str,
        version: str,
    ) -> None:
        """Take note of a mirrored request once both sides are over.

        Args:
            asked: The request.
            visible: What the caller got; None where nobody answered.
            shadow: What the shadow answered; None where it did not.
            variant: Name of the shadow variant.
            version: The model version behind the shadow.
        """

    def dropped(self, asked: Asked, variant: str, version: str) -> None:
        """Take note that a request was to be mirrored, but was not: its shadow was busy."""
