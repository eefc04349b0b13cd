"""The JSON Schema that editors use to complete and check a spec while it is written.

It is looser than the compiler on purpose: a field may come from a shared file or an environment's
override, so only the entries of lists, which are always written whole, have required fields.
"""

from __future__ import annotations

import json
from typing import Any

from include.spec.model import Spec

_WRITTEN_WHOLE = {"Column", "ColumnExpectation", "Gate"}
_DEFAULTS = {
    "description": "Hydra's defaults list: shared files, each with the part it fills, for example "
    "`defaults/alerts@alerts`. `_self_` stands for this file; later entries win.",
    "items": {"type": ["string", "object"]},
    "type": "array",
}


def schema() -> bytes:
    """Return the JSON Schema of a spec as a file's bytes."""
    document: dict[str, Any] = Spec.model_json_schema()
    document.pop("required", None)
    for name, part in document["$defs"].items():
        if name not in _WRITTEN_WHOLE:
            part.pop("required", None)
    document["properties"] = {"defaults": _DEFAULTS, **document["properties"]}
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **document}
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
