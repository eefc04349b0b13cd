"""Cross checks of a spec: what no single field can say; each yields what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from croniter import croniter  # type: ignore[import-untyped]  # it ships no types

from include.spec import data_checks
from include.spec.compute import STEPS
from include.spec.gate_checks import gates_can_be_judged, slices_are_columns
from include.spec.problems import Finding, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.spec.view import View

ALGORITHMS = {
    "classification": ("logistic", "forest", "svm", "xgboost", "network"),
    "regression": ("ridge", "forest", "svm", "xgboost", "network"),
}
BASELINE = "baseline"
METRICS = {
    "classification": ("auc", "log_loss", "brier", "accuracy"),
    "regression": ("rmse", "mae", "r2"),
}
ROLES = ("viewer", "operator", "approver", "admin")
_CRON_FIELDS = 5
_APPROVALS = (
    ("release", "first_release"),
    ("release", "approval"),
    ("release", "canary", "undecided"),
    ("override",),
)


def findings(view: View) -> tuple[Finding, ...]:
    """Return everything that the cross checks find."""
    return tuple(finding for check in (*data_checks.CHECKS, *CHECKS) for finding in check(view))


def named_like_its_file(view: View) -> Iterator[Finding]:
    """The model has the name of its file, because people look for it there."""
    name = view.root.text("model")
    if name and name != view.file_name:
        what = f"the file is called {view.file_name}.yaml"
        yield Finding(("model",), what, name, view.file_name)


def owner_has_an_address(view: View) -> Iterator[Finding]:
    """The owner's address is one."""
    email = view.root.text("owner", "email")
    name, _, domain = email.partition("@")
    has_space = any(c.isspace() for c in email)
    if email and (has_space or not (name and domain)):
        yield Finding(("owner", "email"), "not an e-mail address", email)


def split_fits_data(view: View) -> Iterator[Finding]:
    """Dated data is split by time, and a split by time has a column to go by."""
    kind = view.root.text("split", "kind")
    dated = view.with_role("time")
    monthly = view.root.text("data", "partitioning") == "monthly"
    if kind == "time" and not dated:
        yield Finding(("split", "kind"), "a split by time needs a column with the role time", kind)
    if kind == "hash" and (dated or monthly):
        what = "dated data is split by time, or the future would explain the past"
        yield Finding(("split", "kind"), what, kind, "time")
    for extra in dated[1:]:
        yield Finding((*extra.steps, "role"), "a second time column", extra.text("name"))
    for column in dated:
        if column.text("type") not in {"date", ""}:
            what = "a time column is of type date"
            yield Finding((*column.steps, "type"), what, column.text("type"))


def candidates_are_known(view: View) -> Iterator[Finding]:
    """Each candidate is an algorithm that can do the task, and given once."""
    task = view.root.text("task")
    candidates, known = view.root.at("training", "candidates"), ALGORITHMS.get(task, ())
    if candidates.value == []:
        yield Finding(candidates.steps, "needs a candidate")
    for index, candidate in enumerate(candidates.items()):
        name = candidate.value
        if isinstance(name, str) and known and name not in known:
            what = f"no such algorithm; a {task} has {', '.join(known)}"
            yield Finding(candidate.steps, what, name, nearest(name, known))
        if name in candidates.texts()[:index]:
            yield Finding(candidate.steps, "this candidate was given before", name)


def parameters_are_for_candidates(view: View) -> Iterator[Finding]:
    """Parameters are given for a candidate, or for the baseline."""
    parameters = view.root.at("training", "parameters")
    names = (*view.root.at("training", "candidates").texts(), BASELINE)
    for name in parameters.value if isinstance(parameters.value, dict) else ():
        if name not in names:
            what = "parameters of an algorithm that is no candidate"
            yield Finding((*parameters.steps, str(name)), what, name, nearest(str(name), names))


def metrics_are_known(view: View) -> Iterator[Finding]:
    """Each metric is one of the task's, and given once."""
    metrics, known = view.root.at("evaluation", "metrics"), METRICS.get(view.root.text("task"), ())
    if metrics.value == []:
        yield Finding(metrics.steps, "needs a metric")
    for index, metric in enumerate(metrics.items()):
        name = metric.value
        if isinstance(name, str) and known and name not in known:
            what = f"no such metric; a {view.root.text('task')} has {', '.join(known)}"
            yield Finding(metric.steps, what, name, nearest(name, known))
        if name in metrics.texts()[:index]:
            yield Finding(metric.steps, "this metric was given before", name)


def cron_is_valid(view: View) -> Iterator[Finding]:
    """The schedule is a cron expression of five fields."""
    cron = view.root.text("schedule", "cron")
    if cron and (len(cron.split()) != _CRON_FIELDS or not croniter.is_valid(cron)):
        what = "not a cron expression of five fields (minute hour day month weekday)"
        yield Finding(("schedule", "cron"), what, cron)


def roles_are_known(view: View) -> Iterator[Finding]:
    """Somebody can answer each approval."""
    for names in _APPROVALS:
        approval = view.root.at(*names)
        roles = approval.at("roles")
        if roles.value == [] and approval.at("required").value is not False:
            yield Finding(roles.steps, "needs a role, or nobody could ever agree")
        for role in roles.items():
            if isinstance(role.value, str) and role.value not in ROLES:
                what = f"must be one of {', '.join(ROLES)}"
                yield Finding(role.steps, what, role.value, nearest(role.value, ROLES))


def profiles_are_of_steps(view: View) -> Iterator[Finding]:
    """Each profile of a step is of one that there is."""
    profiles = view.root.at("compute", "steps")
    for name in profiles.value if isinstance(profiles.value, dict) else ():
        if name not in STEPS:
            steps = (*profiles.steps, str(name))
            yield Finding(steps, "no such step", name, nearest(str(name), STEPS))


CHECKS = (
    named_like_its_file,
    owner_has_an_address,
    split_fits_data,
    candidates_are_known,
    parameters_are_for_candidates,
    metrics_are_known,
    gates_can_be_judged,
    slices_are_columns,
    cron_is_valid,
    roles_are_known,
    profiles_are_of_steps,
)
