"""What a signal looks at: one stage, its limits, the candidate and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Literal

from include.evidence.tally import Pairing
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.client.messages.plans import PlannedStage
    from include.evidence.shares import Share
    from include.evidence.tally import Tally
    from include.spec.release import Signals


@dataclass(frozen=True)
class View:
    """One look at one stage.

    Attributes:
        stage: The stage.
        limits: Limits of the signals.
        task: What the model does.
        alpha: Level of each test of harm.
        candidate: Its tally, or its pairing in a shadow stage.
        stable: Tally of the live version; None where nothing stands beside the candidate.
        everybody: Requests of all variants together.
        behind: Share of the counts that one variant's may lack of another's.
    """

    stage: PlannedStage
    limits: Signals
    task: Literal["classification", "regression"]
    alpha: float
    candidate: Tally | Pairing
    stable: Tally | None
    everybody: int
    behind: float = 0.0

    @property
    def asked(self) -> int:
        """Requests that the candidate should have answered."""
        one = self.candidate
        return one.pairs if isinstance(one, Pairing) else one.requests

    def proves(self, log_evidence: float) -> bool:
        """Say whether evidence is enough to call it harm."""
        return log_evidence >= -log(self.alpha)

    def concluded(self, share: Share, largest: float, *, is_harm: bool) -> Verdict:
        """Return the verdict of a share that has to be small, on the minimum sample."""
        if is_harm:
            return Verdict.FAIL
        if not share.total:
            return Verdict.NO_DATA
        is_enough = share.total >= self.stage.min_requests and share.value <= largest
        return Verdict.PASS if is_enough else Verdict.INCONCLUSIVE
