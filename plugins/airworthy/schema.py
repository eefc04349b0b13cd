"""The messages that the console reads, as the OpenAPI document its types are generated from.

``python -m plugins.airworthy.schema`` writes ``ui/src/api/openapi.json``; ``npm run schema`` in
``ui`` makes ``schema.ts`` of it. Both are committed and a test compares them, so that a changed
message breaks the console's type check and not the console.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic.json_schema import models_json_schema

from include.client.messages.alerts import Alert
from include.client.messages.audit import Event
from include.client.messages.base import Problem
from include.client.messages.callers import Caller
from include.client.messages.decisions import AnswerDecision, Decision, ExtendDecision
from include.client.messages.plans import RequestRollback, RollbackRequest
from include.client.messages.registry import Version
from include.client.messages.rollouts import EndpointRecord, MoveRollout, Rollout
from include.client.messages.runs import RunRecord

DOCUMENT = Path(__file__).parent / "ui" / "src" / "api" / "openapi.json"
READ = (
    Alert,
    Caller,
    Decision,
    EndpointRecord,
    Event,
    Problem,
    RollbackRequest,
    Rollout,
    RunRecord,
    Version,
)
WRITTEN = (AnswerDecision, ExtendDecision, MoveRollout, RequestRollback)


def document() -> str:
    """Return the OpenAPI document as text: what the console reads, and what it writes."""
    kinds = [(model, "serialization") for model in READ] + [(m, "validation") for m in WRITTEN]
    _, schemas = models_json_schema(kinds, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Airworthy messages", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas["$defs"]},
    }
    return json.dumps(whole, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
