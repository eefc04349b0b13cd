"""A live version with all its evidence, held in memory: parts can be taken away or changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from include import digest
from include.client.messages.alerts import Alert, Delivery, DeliveryState
from include.client.messages.audit import Event
from include.client.messages.base import RunRef
from include.client.messages.decisions import Decision, DecisionState
from include.client.messages.plans import RollbackRequest, StageRecord, StageState
from include.client.messages.registry import GateOutcome, GateOverride, MetricValue, Version
from include.client.messages.rollouts import EndpointRecord, Rollout, RolloutState
from include.client.messages.runs import RunRecord, RunState
from include.errors import NotFound, ObjectMissing
from include.evaluation.fairness.records import Disparity, FairnessReport, Group, Measure, Rate
from include.evaluation.leaks.records import LeakReport
from include.evaluation.records import (
    Attribution,
    Bin,
    Calibration,
    Comparison,
    Difference,
    Explanation,
    Footprint,
    Slice,
)
from include.evaluation.report import Estimate, EvaluationReport, GateReport, GateResult, Window
from include.serving.package import PackagedFile, PackageManifest
from include.spec.compiled import to_bytes
from include.steps.contract import Artifact, StepResult
from include.verdict import Verdict
from tests.support.plans import plan, seen

if TYPE_CHECKING:
    from include.spec.model import CompiledSpec

MODEL = "mortgage_approval"
BEGAN = datetime(2026, 4, 1, 12, tzinfo=UTC)
RUN = RunRef(dag_id=f"{MODEL}_train", run_id="manual_1", task_id="register")
RELEASE = RunRef(dag_id=f"{MODEL}_release", run_id="release_1")
SHA = {name: digest.of_json(name) for name in ("model", "dataset", "rows", "file")}
STEPS = {
    "acquire": ("dataset",), "validate": ("report",), "quarantine": ("dataset", "batch"),
    "select": ("selection", "report"), "evaluate": ("report",), "gate": ("report",),
}  # fmt: skip


class Held:
    """Records and objects of one live version; it answers like control plane and store."""

    def __init__(self, compiled: CompiledSpec) -> None:
        self.objects: dict[str, bytes] = {"mem://spec.json": to_bytes(compiled)}
        manifest = PackageManifest(
            format=1, model=MODEL, model_digest=SHA["model"],
            files=(PackagedFile(path="MLmodel", sha256=SHA["file"], size=7),),
        )  # fmt: skip
        self.objects["mem://package/manifest.json"] = canonical(manifest)
        for step, names in STEPS.items():
            for name in names:
                self.put(step, name, DOCUMENTS[step, name])
        self.known = version(compiled, manifest)
        self.found_rollouts = [rollout("r2", "1.0.0", 2), rollout("r1", "0.9.0", 1)]
        self.found_decisions = [decision()]
        self.found_alerts = [alert()]
        self.asked_back = [back()]
        self.reported = [run_record()]

    def put(self, step: str, name: str, document: Any) -> None:
        """Let a step have left this document, and its result say so."""
        self.objects[f"mem://{step}/{name}.json"] = digest.canonical(document)
        artifacts = tuple(
            Artifact(name=one, uri=uri, sha256=digest.of_bytes(self.objects[uri]), size=1)
            for one in STEPS[step]
            if (uri := f"mem://{step}/{one}.json") in self.objects
        )
        result = StepResult(step=step, key="k", outcome="done", verdict=Verdict.PASS,
                            message="done", artifacts=artifacts)  # fmt: skip
        self.objects[f"mem://{step}/result.json"] = result.model_dump_json().encode()

    def read(self, uri: str) -> bytes:
        if uri not in self.objects:
            raise ObjectMissing("no such object", where=uri)
        return self.objects[uri]

    def write(self, uri: str, data: bytes) -> None:
        self.objects[uri] = data

    def version(self, model: str, version: str) -> Version:
        if (model, version) != (self.known.model, self.known.version):
            raise NotFound("no such version", value=version)
        return self.known

    def endpoints(self) -> tuple[EndpointRecord, ...]:
        return (
            EndpointRecord(name=MODEL, model=MODEL, owner="", fencing_token=2, revision=9,
                           variants=(), live_version="1.0.0"),
        )  # fmt: skip

    def rollouts(self, *, model: str = "") -> tuple[Rollout, ...]:
        return tuple(one for one in self.found_rollouts if model in {"", one.model})

    def rollout_events(self, rollout_id: str) -> tuple[Event, ...]:
        return (
            Event(id=f"{rollout_id}-7", at=BEGAN, actor_kind="workload", actor="release_1",
                  authn="proven", action="move_rollout", object_type="rollout",
                  object_id=rollout_id, object_digest="", outcome="ok", reason="promoted",
                  request_id="q"),
        )  # fmt: skip

    def rollbacks(self, endpoint: str) -> tuple[RollbackRequest, ...]:
        return tuple(one for one in self.asked_back if one.endpoint == endpoint)

    def decisions(self) -> tuple[Decision, ...]:
        return tuple(self.found_decisions)

    def alerts(self, *, model: str = "") -> tuple[Alert, ...]:
        return tuple(one for one in self.found_alerts if model in {"", one.model})

    def run(self, dag_id: str, run_id: str) -> RunRecord:
        for one in self.reported:
            if (one.run.dag_id, one.run.run_id) == (dag_id, run_id):
                return one
        raise NotFound("no such run", value=run_id)


def canonical(record: Any) -> bytes:
    return digest.canonical(record.model_dump(mode="json"))


def version(compiled: CompiledSpec, manifest: PackageManifest) -> Version:
    return Version(
        model=MODEL, version="1.0.0", package_uri="mem://package", package_digest=manifest.digest,
        model_digest=SHA["model"], signature="{}", dataset_digest=SHA["dataset"],
        spec_digest=compiled.digest, spec_uri="mem://spec.json",
        metrics=(MetricValue(name="auc", value=0.81, lower=0.74, upper=0.87, samples=312),),
        gates=(GateOutcome(name="fair", verdict=Verdict.INCONCLUSIVE, message="12 of 30 rows"),),
        run=RUN, mlflow_run_id="m1", release_policy="auto", registered_at=BEGAN,
        override=GateOverride(decision_id="d1", by="ada", reason="more data next quarter",
                              at=BEGAN, gates=("fair",)),
    )  # fmt: skip


def rollout(name: str, released: str, hour: int) -> Rollout:
    began = BEGAN + timedelta(hours=hour)
    stage = StageRecord(
        index=0, state=StageState.PASSED, revision=3, began_at=began, ended_at=began,
        seen=seen().model_copy(update={"observed_percent": 99.5}),
    )  # fmt: skip
    return Rollout(
        id=name, endpoint=MODEL, model=MODEL, version=released, stable_version="",
        plan=plan("first"), plan_digest="p", stages=(stage,), state=RolloutState.PROMOTED,
        reason="all traffic", fencing_token=hour, is_first_release=hour == 1,
        approval_required=False, run=RELEASE, opened_at=began,
        ended_at=began + timedelta(minutes=10),
    )  # fmt: skip


def decision() -> Decision:
    return Decision(
        id="d1", kind="gate_override", title="Let it in?", body="b", subject=f"{MODEL} 1.0.0",
        subject_digest="s", options=("override", "refuse"), default="refuse", roles=("approver",),
        state=DecisionState.ANSWERED, opened_at=BEGAN, opened_by="w", asked_by="bob",
        deadline=BEGAN, answer="override", answered_by="ada", answered_at=BEGAN,
        reason="more data next quarter", run=RUN,
    )  # fmt: skip


def alert() -> Alert:
    return Alert(
        id="a1", fingerprint="f", severity="warning", title="drift", body="b", model=MODEL,
        link="", run=RUN, raised_at=BEGAN,
        deliveries=(Delivery(channel="slack", state=DeliveryState.NOT_CONFIGURED),),
    )  # fmt: skip


def back() -> RollbackRequest:
    return RollbackRequest(
        id="b1", kind="rollback", endpoint=MODEL, model=MODEL, version="0.8.0",
        from_version="0.9.0", by="ola", reason="complaints", at=BEGAN, closed_at=BEGAN,
    )  # fmt: skip


def run_record() -> RunRecord:
    results = {step: f"mem://{step}/result.json" for step in STEPS}
    return RunRecord(run=RUN, model=MODEL, kind="train", partition="2026q3",
                     state=RunState.SUCCEEDED, reason="", version="1.0.0", results=results,
                     updated_at=BEGAN)  # fmt: skip


def rate(measure: Measure, numerator: int) -> Rate:
    return Rate(measure=measure, numerator=numerator, denominator=40, is_sufficient=True,
                value=numerator / 40, lower=0.5, upper=0.95)  # fmt: skip


def fairness() -> FairnessReport:
    groups = tuple(
        Group(attribute="black", name=name, rows=40, is_unknown=False,
              rates=tuple(rate(measure, count) for measure in Measure))
        for name, count in (("False", 36), ("True", 29))
    )  # fmt: skip
    disparity = Disparity(
        attribute="black", measure=Measure.SELECTION, group="True", reference="False",
        verdict=Verdict.PASS, words="0.725 beside 0.9", ratio=0.8056, ratio_lower=0.64,
        ratio_upper=1.01, difference=-0.175, difference_lower=-0.34, difference_upper=0.0,
        p_value=0.04, p_adjusted=0.08,
    )  # fmt: skip
    return FairnessReport(level=0.95, min_denominator=30, groups=groups, disparities=(disparity,))


def evaluation() -> EvaluationReport:
    return EvaluationReport(
        model=MODEL, model_digest=SHA["model"], dataset_digest=SHA["dataset"],
        window=Window(rows=312, kind="hash", first="00", last="ff", digest=SHA["rows"]),
        level=0.95, resamples=1000, undefined=(), used_before=2, fairness=fairness(),
        estimates=(
            Estimate(name="auc", value=0.81, lower=0.74, upper=0.87, samples=312,
                     is_higher_better=True, baseline=0.5, gain=0.31, gain_lower=0.24,
                     gain_upper=0.37),
        ),
        calibration=Calibration(
            bins=(Bin(rows=31, said=0.6, happened=0.58),), error=0.03, error_lower=0.02,
            error_upper=0.06, slope=1.1, slope_lower=0.9, slope_upper=1.3, level=0.1,
        ),
        slices=(Slice(column="multi", part="1", metric="auc", rows=60, verdict=Verdict.PASS,
                      value=0.79, lower=0.6, upper=0.9),),
        comparison=Comparison(version="0.9.0", rows=312, differences=(
            Difference(metric="auc", candidate=0.81, champion=0.8, gain=0.01, lower=-0.02,
                       upper=0.04),
        )),
        leaks=LeakReport(rows=1270, features=("loanamt",), leaks=()),
        footprint=Footprint(milliseconds=14, milliseconds_upper=16, calls=40, megabytes=0.07),
        explanations=Explanation(
            verdict=Verdict.PASS, method="sampled permutations", output="log odds", rows=60,
            background=50, seed=1, base=2.0, residual=1e-9,
            features=(Attribution(column="loanprc", size=0.4, error=0.02),),
        ),
    )  # fmt: skip


def dataset(rows: int, sha: str) -> dict[str, Any]:
    source = {"partition": "2026q3", "uri": "mem://arrivals/2026q3.csv", "sha256": SHA["file"],
              "size": 9, "rows": 1586}  # fmt: skip
    return {"digest": sha, "uri": "mem://rows.parquet", "partitions": ["2026q3"], "rows": rows,
            "row_key": ["content"], "sources": [source], "columns": []}  # fmt: skip


RULE = {"rule": "term.maximum", "kind": "range", "column": "term", "rows": 4, "example": "too long"}
CONTENDER = {"name": "xgboost", "kind": "single", "mean": 0.82, "error": 0.02, "folds": 5,
             "latency_ms": 14.0, "seconds": 15.0, "trials": 10, "truncated": False}  # fmt: skip
GATES = GateReport(overall=Verdict.INCONCLUSIVE, results=(
    GateResult(name="fair", metric="selection_rate", verdict=Verdict.INCONCLUSIVE, message="few"),
))  # fmt: skip
DOCUMENTS: dict[tuple[str, str], Any] = {
    ("acquire", "dataset"): dataset(1586, digest.of_json("arrived")),
    ("validate", "report"): {
        "model": MODEL, "dataset": "d", "outcome": "quarantine", "verdict": "pass", "rows": 1586,
        "good_rows": 1582, "bad_rows": 4, "findings": [], "warnings": [], "rules": [RULE],
        "expectations": [], "score": None,
    },
    ("quarantine", "dataset"): dataset(1582, SHA["dataset"]),
    ("quarantine", "batch"): {"digest": "b", "rows_in": 1586, "passed": 1582, "quarantined": 4,
                              "rows_sha256": "r", "rules": [RULE]},
    ("select", "selection"): {
        "score": "auc", "folds": 5, "selected": "xgboost", "policy": ["the best"],
        "reasons": ["xgboost has the best auc"], "contenders": [CONTENDER], "missing": [],
    },
    ("select", "report"): {
        "model": MODEL, "algorithm": "xgboost", "parameters": {"max_depth": 3}, "seed": 1,
        "training_rows": 1270, "features": ["loanamt"], "dropped": [], "notes": ["seeded"],
        "baseline": 0.88, "model_digest": SHA["model"], "libraries": {"xgboost": "3.1"},
    },
    ("evaluate", "report"): evaluation().model_dump(mode="json"),
    ("gate", "report"): GATES.model_dump(mode="json"),
}  # fmt: skip
