"""Asks people whether a candidate may be registered although gates did not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.client.messages.decisions import OpenDecision
from include.client.messages.registry import GateOutcome
from include.decisions.overriding import KIND, OVERRIDE, REFUSE, Judged
from include.evaluation.report import EvaluationReport, GateReport
from operators.hooks.airworthy import AirworthyHook
from operators.results import artifact, result_of
from operators.run import asked_by, partition, run_ref
from operators.task import AirworthyOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.spec.model import CompiledSpec


class AskOverrideOperator(AirworthyOperator):
    """Opens the decision and returns its id; a second call finds the first one's.

    The answer is bound to the candidate, its data, its spec and what each gate said. Whoever
    triggered the run is named in the question and may not answer it.

    Args:
        spec: Compiled spec of the model.
        evaluate: Task that measured the candidate.
        gate: Task that judged its gates.
    """

    ui_color = "#fdf3d8"

    def __init__(
        self, *, spec: CompiledSpec, evaluate: str = "evaluate", gate: str = "gate", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.evaluate = evaluate
        self.gate = gate

    def act(self, context: Context) -> str:
        """Open the decision."""
        with AirworthyHook().control_plane(run_ref(context)) as control_plane:
            decision = control_plane.open_decision(self._question(context))
        self.log.info(
            "decision %s: one of %s, but not %s, answers until %s, else %s",
            decision.id, ", ".join(decision.roles), decision.asked_by or "a machine",
            decision.deadline, decision.default,
        )  # fmt: skip
        return decision.id

    def _question(self, context: Context) -> OpenDecision:
        spec, judged = self.spec.spec, self._judged(context)
        name = partition(context, spec)
        return OpenDecision(
            kind=KIND,
            title=f"Register the {spec.title} candidate of {name} although gates did not pass?",
            body=body(judged, name),
            subject=f"{spec.model} {name}",
            subject_digest=judged.digest,
            options=(OVERRIDE, REFUSE),
            default=REFUSE,
            roles=spec.override.roles,
            deadline_seconds=spec.override.deadline_hours * 3600,
            asked_by=asked_by(context),
            run=run_ref(context),
        )

    def _judged(self, context: Context) -> Judged:
        evaluated = artifact(result_of(context, self.evaluate), "report")
        gated = artifact(result_of(context, self.gate), "report")
        report = EvaluationReport.model_validate_json(evaluated)
        return Judged(
            model=self.spec.spec.model,
            model_digest=report.model_digest,
            dataset_digest=report.dataset_digest,
            spec_digest=self.spec.digest,
            gates=tuple(
                GateOutcome(name=one.name, verdict=one.verdict, message=one.message)
                for one in GateReport.model_validate_json(gated).results
            ),
        )


def body(judged: Judged, name: str) -> str:
    """Return what the person who decides should know, in Markdown."""
    gates = [f"- {gate.name}: {gate.verdict.value} ({gate.message})" for gate in judged.gates]
    return "\n".join((
        f"Trained on `{name}`. Gates that did not pass: {', '.join(judged.not_passed)}.",
        "\nWhat each gate said:",
        *gates,
        f"\n`{OVERRIDE}` registers it as the next version, with your name and reason on record; "
        f"its release goes on as the spec says. `{REFUSE}`, or no answer, ends it here.",
    ))
