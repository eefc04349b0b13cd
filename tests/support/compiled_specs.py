"""A spec of a test as if it had been compiled from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.spec import compiled
from include.spec.model import CompiledSpec

if TYPE_CHECKING:
    from include.spec.model import Spec


def as_compiled(spec: Spec, environment: str = "test") -> CompiledSpec:
    """Return the compiled form, without sources."""
    return CompiledSpec(
        environment=environment, sources={}, origins=(), digest=compiled.digest_of(spec), spec=spec
    )
