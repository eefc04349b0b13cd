"""Where the release of a harmful candidate stopped, and what callers noticed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.embedded.demo.summary import HarmTold
from include.embedded.demo.training import Unexpected
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.embedded.demo.summary import ReleaseTold, StageTold
    from include.replay.tally import ReplaySummary

LIMIT_PERCENT = 50


def harm(release: ReleaseTold, live: str, traffic: ReplaySummary | None) -> HarmTold:
    """Return where a release that was rolled back had got to.

    Raises:
        Unexpected: No stage failed by its evidence, or only where it had half of the callers, or
            the version that was live before is not live.
    """
    failed = next((one for one in release.stages if one.state == "failed"), None)
    if failed is None or failed.verdict != Verdict.FAIL.value:
        raise Unexpected(f"no stage failed by its evidence: {release.reason}")
    reached = max(map(_share, release.stages))
    if reached >= LIMIT_PERCENT:
        raise Unexpected("the harm was noticed too late", value=f"{reached} % of the traffic")
    if live != release.stable_version:
        raise Unexpected("another version is live than before the release", value=live)
    return HarmTold(
        version=release.version,
        stage=f"{failed.kind} {failed.percent} %",
        percent_reached=reached,
        words=failed.words,
        answered=traffic.by_version.get(release.version, 0) if traffic else 0,
        live_version=live,
    )


def _share(stage: StageTold) -> int:
    return 0 if stage.kind == "shadow" else stage.percent
