"""Step ``validate``: judges the acquired rows by the contract and the expectations."""

from __future__ import annotations

from pydantic import ValidationError

from include import digest
from include.data.contract import row_schema
from include.data.dataset import DatasetVersion, read_rows
from include.data.reference import REFERENCE, ReferenceProfile, Trained
from include.data.report import Outcome, ValidationReport
from include.data.validation import validate
from include.steps import run
from include.steps.contract import Measure
from include.steps.live import live


def work(context: run.StepContext) -> run.StepOutcome:
    """Judge the dataset of input ``acquire``: ``accept``, ``quarantine`` or ``stop``.

    Raises:
        BadInput: the rows are not those of the dataset version, or the live version's package
            lies outside the store.
        PackageTampered: that package is not the one that its name says.
    """
    dataset = context.read_document("acquire", "dataset", DatasetVersion)
    rows = read_rows(dataset, context.store)
    found = validate(dataset, rows, context.spec, _trained(context))
    lines = (digest.canonical(one.model_dump(mode="json")) + b"\n" for one in found.violations)
    contract = row_schema(context.spec).encode()
    artifacts = [
        context.write_document("report", "report.json", found.report),
        context.write_artifact("violations", "violations.jsonl", b"".join(lines)),
        context.write_artifact("contract", "contract.json", contract),
    ]
    if found.suite:
        artifacts.append(context.write_artifact("suite", "suite.json", found.suite))
    return run.StepOutcome(
        outcome=found.report.outcome.value,
        message=_message(found.report),
        verdict=found.report.verdict,
        artifacts=tuple(artifacts),
        metrics=_measures(found.report),
    )


def _trained(context: run.StepContext) -> Trained | None:
    """Return what the live version was trained on; nothing where nothing is live."""
    found = live(context)
    if found is None:
        return None
    try:
        data = (found.folder / REFERENCE).read_bytes()
        return Trained(found.version, ReferenceProfile.model_validate_json(data))
    except (FileNotFoundError, ValidationError):  # a package of another release
        return Trained(found.version, None)


def _message(report: ValidationReport) -> str:
    if report.outcome is Outcome.STOP:
        more = f" (and {len(report.findings) - 1} more)" if len(report.findings) > 1 else ""
        return report.findings[0].message + more
    if report.outcome is Outcome.ACCEPT:
        return f"all {report.rows} rows keep the contract"
    return f"{report.bad_rows} of {report.rows} rows break the contract and are set aside"


def _measures(report: ValidationReport) -> tuple[Measure, ...]:
    measures = [
        Measure(name="rows", value=report.rows),
        Measure(name="bad_rows", value=report.bad_rows),
    ]
    if report.score is not None:
        values = report.score.model_dump().items()
        measures += [
            Measure(name=f"quality_{name}", value=value)
            for name, value in values
            if value is not None
        ]
    if report.drift is not None and report.drift.share is not None:
        measures.append(Measure(name="drifted_share", value=report.drift.share))
    return tuple(measures)


if __name__ == "__main__":
    run.main("validate", work)
