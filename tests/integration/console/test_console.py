"""What a person sees and does in Airflow's own page, with a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.client.control_plane import ControlPlane
from include.client.messages.alerts import Delivery, DeliveryState, RaiseAlert
from include.client.messages.base import RunRef
from include.client.messages.decisions import DecisionState, OpenDecision
from include.client.messages.registry import GateOutcome, MetricValue, RegisterVersion
from include.client.messages.runs import ReportRun, RunState
from include.client.workload import WorkloadTokens
from include.verdict import Verdict
from tests.integration.console.looking import Person, looking, picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The first test of a module starts a real Airflow.
pytestmark = pytest.mark.timeout(300)

SECRET = "workload-secret-for-tests-0123456789"
RUN = RunRef(dag_id="mortgage_release", run_id="manual__2026-11-24T00:00:00+00:00", task_id="ask")
PACKAGE = "sha256:" + "a" * 64


@pytest.fixture(scope="module")
def task(airflow) -> Iterator[ControlPlane]:
    tokens = WorkloadTokens(airflow.control_plane, SECRET, RUN)
    with ControlPlane(airflow.control_plane, tokens) as plane:
        yield plane


def ask(task: ControlPlane, digest: str) -> str:
    question = OpenDecision(
        kind="first_release",
        title="Release mortgage 1.0.0?",
        body="auc 0.77 (0.72 to 0.81)",
        subject="mortgage 1.0.0",
        subject_digest=digest,
        options=("release", "refuse"),
        default="refuse",
        roles=("approver",),
        deadline_seconds=7200,
        run=RUN,
    )
    return task.open_decision(question).id


def test_a_person_answers_and_the_waiting_task_sees_it(browser, airflow, task) -> None:
    asked = ask(task, PACKAGE)
    with looking(browser, airflow.url, Person("viewer")) as page:
        page.get_by_text("Needs the role approver; viewer has viewer.").wait_for()
        assert page.get_by_role("button", name="release").is_disabled()
    with looking(browser, airflow.url, Person("approver")) as page:
        page.get_by_role("heading", name="One decision waits").wait_for()
        release = page.get_by_role("button", name="release")
        assert release.is_disabled()
        page.get_by_label("Reason").fill("Read the report")
        release.click()
        page.get_by_role("heading", name="Nothing needs you").wait_for()
    answered = task.decision(asked)
    assert answered.state is DecisionState.ANSWERED
    assert (answered.answer, answered.answered_by) == ("release", "approver")
    assert answered.reason == "Read the report"


def test_alerts_and_versions_stand_with_their_states(
    browser, airflow, task, tmp_path: Path
) -> None:
    alert = task.raise_alert(
        RaiseAlert(
            fingerprint="f",
            severity="critical",
            title="Batch breaks its contract",
            body="Column income is missing",
            model="mortgage",
            run=RUN,
        )
    )
    state = DeliveryState.NOT_CONFIGURED
    task.deliver(alert.id, Delivery(channel="slack", state=state))
    version = task.register_version(
        RegisterVersion(
            model="mortgage",
            package_uri="file:///packages/a",
            package_digest=PACKAGE,
            model_digest=PACKAGE,
            signature='{"inputs":[{"name":"x","type":"double"}],"outputs":[]}',
            dataset_digest=PACKAGE,
            spec_digest=PACKAGE,
            spec_uri="file:///specs/a",
            metrics=(MetricValue(name="auc", value=0.77, lower=0.72, upper=0.81, samples=398),),
            gates=(GateOutcome(name="floor", verdict=Verdict.PASS, message="0.77 >= 0.7"),),
            run=RUN,
            release_policy="manual",
        )
    )
    task.report_run(
        ReportRun(
            run=RUN,
            model="mortgage",
            kind="release",
            partition="",
            state=RunState.RUNNING,
            version=version.version,
        )
    )
    for scheme in ("light", "dark"):
        with looking(browser, airflow.url, Person("viewer", scheme)) as page:
            page.get_by_text("slack: not configured").wait_for()
            page.get_by_text("auc 0.77 (0.72 to 0.81), n = 398").wait_for()
            assert page.get_by_text("floor: pass").is_visible()
            runs = page.get_by_role("region", name="Last runs")
            assert runs.get_by_text("running").is_visible()
            background = page.evaluate("getComputedStyle(document.body).backgroundColor")
            ink = page.evaluate("getComputedStyle(document.querySelector('.aw-page')).color")
            assert background != ink
            picture(page, f"lists-{scheme}", tmp_path)
