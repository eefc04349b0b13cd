"""The console's types are those of the messages."""

from __future__ import annotations

import hashlib

from plugins.airworthy.schema import DOCUMENT, document


def test_the_committed_document_is_fresh_and_the_types_were_made_of_it() -> None:
    assert DOCUMENT.read_text() == document(), "run `python -m plugins.airworthy.schema`"
    digest = hashlib.sha256(document().encode()).hexdigest()
    header = (DOCUMENT.parent / "schema.ts").read_text().splitlines()[0]
    assert digest in header, "run `npm run schema`"
