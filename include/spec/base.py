"""What every part of a spec is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,62}$")]
Scalar = str | int | float | bool


class Strict(BaseModel):
    """Base of every part of a spec: frozen, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
