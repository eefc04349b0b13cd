"""Step ``package``: makes a model package, and all that the registry needs to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.client.messages.registry import GateOutcome, MetricValue
from include.errors import Rejected
from include.evaluation.report import EvaluationReport, GateReport
from include.serving.package import verify
from include.steps import run
from include.steps.packaging import Ingredients, build, contract
from include.steps.registration import RegistrationDraft, signature
from include.steps.rows import rows
from include.training import stored
from include.training.report import TrainingReport
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.steps.contract import Artifact

OVERRIDE = "override"


def work(context: run.StepContext) -> run.StepOutcome:
    """Build the package and store it under its digest.

    A model whose gates did not all pass is packaged only where the run names, as option
    ``override``, the decision in which people let it through; the registry looks that up.

    Raises:
        Rejected: the gates did not pass, and no decision is named.
    """
    ingredients = _ingredients(context)
    overall = ingredients.gates.overall
    if overall is not Verdict.PASS and not context.options.get(OVERRIDE):
        raise Rejected("the gates do not let this model pass", where="gate", value=overall.value)
    folder = context.scratch / "package"
    build(ingredients, folder)
    digest = verify(folder).digest
    package = context.put_folder("package", folder, f"{context.root}/packages/{digest}")
    draft = _draft(context, ingredients, package)
    return run.StepOutcome(
        outcome="packaged",
        message=f"package {digest[:12]} of {context.spec.model}",
        artifacts=(package, context.write_document("registration", "registration.json", draft)),
    )


def _ingredients(context: run.StepContext) -> Ingredients:
    model, _ = stored.read(context.fetch_folder("train", "model"))
    return Ingredients(
        spec=context.spec,
        spec_digest=context.compiled.digest,
        model=model,
        training_rows=rows(context).train,
        training=context.read_document("train", "report", TrainingReport),
        evaluation=context.read_document("evaluate", "report", EvaluationReport),
        gates=context.read_document("gate", "report", GateReport),
    )


def _draft(
    context: run.StepContext, ingredients: Ingredients, package: Artifact
) -> RegistrationDraft:
    return RegistrationDraft(
        model=context.spec.model,
        package_uri=package.uri,
        package_digest=package.sha256,
        model_digest=ingredients.training.model_digest,
        signature=signature(contract(context.spec, ingredients.model)),
        dataset_digest=ingredients.evaluation.dataset_digest,
        spec_digest=context.compiled.digest,
        spec_uri=f"{context.root}/specs/{context.compiled.digest}.json",
        metrics=tuple(
            MetricValue(name=e.name, value=e.value, lower=e.lower, upper=e.upper, samples=e.samples)
            for e in ingredients.evaluation.estimates
        ),
        gates=tuple(
            GateOutcome(name=r.name, verdict=r.verdict, message=r.message)
            for r in ingredients.gates.results
        ),
    )


if __name__ == "__main__":
    run.main("package", work)
