"""Step ``quarantine``: sets the rows aside that break a rule, and keeps the others."""

from __future__ import annotations

from include.data.dataset import DatasetVersion, read_rows, save
from include.data.quarantine import part
from include.data.report import Outcome, ValidationReport, Violation
from include.errors import BadInput
from include.steps import run
from include.steps.contract import Measure


def work(context: run.StepContext) -> run.StepOutcome:
    """Part the dataset of input ``acquire`` by the violations of input ``validate``.

    Raises:
        BadInput: the batch was stopped, or the two inputs are about different dataset versions.
        Rejected: the two halves do not add up to the whole; nothing is published.
    """
    dataset = context.read_document("acquire", "dataset", DatasetVersion)
    report = context.read_document("validate", "report", ValidationReport)
    _check(dataset, report)
    lines = context.read_artifact("validate", "violations").splitlines()
    violations = [Violation.model_validate_json(line) for line in lines]
    parted = part(dataset, read_rows(dataset, context.store), violations, context.spec)
    save(parted.clean, parted.clean_rows, context.store)
    batch = parted.batch
    return run.StepOutcome(
        outcome="quarantined",
        message=f"{batch.quarantined} of {batch.rows_in} rows are set aside",
        artifacts=(
            context.write_document("dataset", "dataset.json", parted.clean),
            context.write_artifact("rows", "rows.jsonl", parted.lines),
            context.write_document("batch", "batch.json", batch),
        ),
        metrics=(
            Measure(name="passed", value=batch.passed),
            Measure(name="quarantined", value=batch.quarantined),
        ),
    )


def _check(dataset: DatasetVersion, report: ValidationReport) -> None:
    if report.dataset != dataset.digest:
        what = "the report is about another dataset version"
        raise BadInput(what, where="validate", value=report.dataset, remedy="Validate this one")
    if report.outcome is Outcome.STOP:
        what = "the batch was stopped; nothing of it may go on"
        remedy = "Mend the batch and let it arrive again"
        raise BadInput(what, where="validate", value=report.outcome.value, remedy=remedy)


if __name__ == "__main__":
    run.main("quarantine", work)
