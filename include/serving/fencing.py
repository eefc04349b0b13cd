"""Whether a wanted state may follow the one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.errors import Conflict, FencedOut

if TYPE_CHECKING:
    from include.serving.endpoint import Endpoint


def admit(present: Endpoint | None, wanted: Endpoint) -> bool:
    """Return whether ``wanted`` changes anything.

    A newer token always wins, whatever its revision: it is how an owner that was broken off is
    kept out. Under one token revisions only rise, and one revision has one content.

    Raises:
        FencedOut: the token is older than the newest seen.
        Conflict: same token, and the revision is older or has another content.
    """
    if present is None or wanted.fencing_token > present.fencing_token:
        return True
    if wanted.fencing_token < present.fencing_token:
        raise FencedOut(
            f"fencing token {wanted.fencing_token} is older than {present.fencing_token}",
            where=f"endpoint {wanted.name}",
            remedy=f"The endpoint belongs to {present.owner or 'somebody newer'}; stop writing",
        )
    if wanted.revision < present.revision:
        raise Conflict(
            f"revision {wanted.revision} is older than {present.revision}",
            where=f"endpoint {wanted.name}",
            remedy="Read the endpoint again",
        )
    if wanted.revision == present.revision and wanted != present:
        raise Conflict(
            f"revision {wanted.revision} is taken by another content",
            where=f"endpoint {wanted.name}",
            remedy="Every change needs a revision of its own",
        )
    return wanted != present
