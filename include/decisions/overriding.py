"""Which decision lets a version in whose gates did not all pass: one about just these gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include import digest
from include.client.messages.registry import GateOverride
from include.decisions.approving import answer_fault
from include.errors import Conflict
from include.verdict import Verdict, worst

if TYPE_CHECKING:
    from include.client.messages.base import RunRef
    from include.client.messages.decisions import Decision
    from include.client.messages.registry import GateOutcome

KIND = "gate_override"
OVERRIDE, REFUSE = "override", "refuse"


@dataclass(frozen=True)
class Judged:
    """A candidate and what its gates said of it.

    Attributes:
        model: Name of the model.
        model_digest: Digest of the fitted model.
        dataset_digest: Digest of the rows it was trained and judged on.
        spec_digest: Digest of the spec that declares the gates.
        gates: What each gate said.
    """

    model: str
    model_digest: str
    dataset_digest: str
    spec_digest: str
    gates: tuple[GateOutcome, ...]

    @property
    def digest(self) -> str:
        """SHA-256 that binds an answer to this candidate and to what was said of it."""
        gates = [gate.model_dump(mode="json") for gate in self.gates]
        about = [self.model, self.model_digest, self.dataset_digest, self.spec_digest]
        return digest.of_json([*about, gates])

    @property
    def is_passed(self) -> bool:
        """Whether there are gates and every one passed."""
        return worst(gate.verdict for gate in self.gates) is Verdict.PASS

    @property
    def not_passed(self) -> tuple[str, ...]:
        """Names of the gates that did not pass."""
        return tuple(gate.name for gate in self.gates if gate.verdict is not Verdict.PASS)


def check_override(decision: Decision | None, judged: Judged, run: RunRef) -> GateOverride | None:
    """Return the override that lets a candidate in; none where its gates passed.

    Raises:
        Conflict: Gates did not pass, and nobody said in time that this candidate of this run may
            be registered all the same.
    """
    if judged.is_passed:
        return None
    fault = _fault(decision, judged, run)
    if decision is None or decision.answered_at is None or fault:
        raise Conflict(
            f"the gates did not let it pass, and nobody overrode them: {fault}",
            where=judged.model,
            value=", ".join(judged.not_passed) or "no gate at all",
            remedy="Start the training again and let it ask people where gates do not pass",
        )
    return GateOverride(
        decision_id=decision.id,
        by=decision.answered_by,
        reason=decision.reason,
        at=decision.answered_at,
        gates=judged.not_passed,
    )


def _fault(decision: Decision | None, judged: Judged, run: RunRef) -> str:
    if decision is None:
        return "no such decision"
    if decision.kind != KIND:
        return f"the decision is a {decision.kind}"
    if (decision.run.dag_id, decision.run.run_id) != (run.dag_id, run.run_id):
        return "the decision is about another run"
    if decision.subject_digest != judged.digest:
        return "the decision is about another candidate, or about other gates"
    return answer_fault(decision)
