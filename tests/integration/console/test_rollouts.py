"""Rollouts as people see them: seeded through the real client, looked at in a real browser."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from include.client.messages.decisions import DecisionState
from include.client.messages.rollouts import RolloutState
from include.verdict import Verdict
from tests.integration.console.looking import (
    AXE,
    Person,
    looking,
    overflow,
    picture,
    turn,
    violations,
)
from tests.support.evidence import Arm
from tests.support.releases import Release

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The first test of a module starts a real Airflow.
pytestmark = pytest.mark.timeout(300)

SECRET = "workload-secret-for-tests-0123456789"
PLACES = (
    "#/", "#/rollouts", "#/models", "#/models/house_price", "#/models/house_price/1.0.0",
    "#/models/none", "#/nowhere",
)  # fmt: skip


@dataclass(frozen=True)
class Stand:
    """Where the seeded releases stand."""

    watched: Release
    undecided: Release
    rolled_back: Release
    promoted: Release
    first: Release


@pytest.fixture(scope="module")
def stand(airflow) -> Iterator[Stand]:
    with ExitStack() as ends:

        def release(model: str, number: int) -> Release:
            begun = Release(airflow.control_plane, SECRET, model, number)
            ends.callback(begun.close)
            return begun

        models = ("mortgage_approval", "credit_limit", "house_price")
        _, _, promoted = (promoted_first(release(model, 1)) for model in models)
        seeded = Stand(
            watched=watched(release("mortgage_approval", 2)),
            undecided=undecided(release("credit_limit", 2)),
            rolled_back=rolled_back(release("house_price", 2)),
            promoted=promoted,
            first=release("bike_demand", 1),
        )
        seeded.first.open(approval=True)
        yield seeded


def promoted_first(release: Release) -> Release:
    release.open()
    release.deploy()
    release.clear(0)
    release.promote()
    return release


def watched(release: Release) -> Release:
    release.open()
    release.deploy()
    release.clear(0)
    release.clear(1)
    release.begin(2)
    release.look(2, release.seen(2, Arm(153, labels=80, wrong=13), 41))
    return release


def undecided(release: Release) -> Release:
    release.open()
    release.deploy()
    release.clear(0)
    release.begin(1)
    seen = release.seen(1, Arm(84, slow=2), 3600)
    release.conclude(1, seen)
    release.ask(1, seen)
    return release


def rolled_back(release: Release) -> Release:
    release.open()
    release.deploy()
    release.clear(0)
    release.begin(1)
    seen = release.seen(1, Arm(152, errors=31), 28)
    assert seen.verdict is Verdict.FAIL
    release.conclude(1, seen)
    release.roll_back(seen.words)
    return release


def address(release: Release) -> str:
    return f"#/rollouts/{release.rollout.id}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_says_who_waits_and_how_far_each_one_is(
    browser, airflow, stand, tmp_path: Path, scheme: str
) -> None:
    with looking(browser, airflow.url, Person(scheme=scheme), "#/rollouts") as page:
        page.get_by_role("heading", name="3 rollouts are under way, 2 waiting").wait_for()
        rows = page.get_by_role("row").all_inner_texts()[1:]
        assert [row.split()[0] for row in rows[:3]] == [
            "bike_demand", "credit_limit", "mortgage_approval",
        ]  # fmt: skip
        picture(page, f"rollouts-{scheme}", tmp_path)
        page.get_by_label("Model").select_option("house_price")
        page.get_by_role("heading", name="No rollout is under way").wait_for()
        assert page.url.endswith("#/rollouts?model=house_price")
        page.get_by_role("link", name="house_price 1.").first.click()
        page.get_by_role("heading", name="was rolled back at 5 %").wait_for()
        page.go_back()
        page.get_by_role("heading", name="No rollout is under way").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_present_stage_is_open_and_moves_with_what_is_seen(
    browser, airflow, stand, tmp_path: Path, scheme: str
) -> None:
    release = stand.watched
    with looking(browser, airflow.url, Person(scheme=scheme), address(release)) as page:
        page.get_by_role("heading", name="gets 25 % of the traffic and is watched").wait_for()
        panel = page.get_by_role("region", name="Stage 25 %")
        panel.get_by_text("153 of 200 needed").first.wait_for()
        assert panel.get_by_text("error", exact=False).first.is_visible()
        page.get_by_role("button", name="Roll back").wait_for()
        picture(page, f"rollout-watched-{scheme}", tmp_path)
        release.look(2, release.seen(2, Arm(171, labels=90, wrong=14), 47))
        panel.get_by_text("171 of 200 needed").first.wait_for(timeout=5_000)
        release.look(2, release.seen(2, Arm(153, labels=80, wrong=13), 41))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_finished_rollout_reads_like_a_story(
    browser, airflow, stand, tmp_path: Path, scheme: str
) -> None:
    with looking(browser, airflow.url, Person(scheme=scheme), address(stand.rolled_back)) as page:
        page.get_by_role("heading", name="1.0.0 has all the traffic").wait_for()
        story = page.get_by_role("region", name="Stages, one by one")
        assert story.get_by_role("row").count() == 3
        page.get_by_text("rolled back").last.wait_for()
        picture(page, f"rollout-rolled-back-{scheme}", tmp_path)


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_is_wider_than_the_screen_and_axe_is_content(
    browser, airflow, stand, width: int
) -> None:
    if not AXE.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("no axe, and CI looks with it: run npm ci in plugins/airworthy/ui")
        pytest.skip("axe is not installed: npm ci in plugins/airworthy/ui")
    for scheme in ("light", "dark"):
        person = Person("approver", scheme, width)
        with looking(browser, airflow.url, person, address(stand.watched)) as page:
            for place in (*map(address, vars(stand).values()), *PLACES):
                turn(page, place)
                assert (place, violations(page), overflow(page)) == (place, [], 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_model_tells_what_happened_to_it(
    browser, airflow, stand, tmp_path: Path, scheme: str
) -> None:
    with looking(browser, airflow.url, Person(scheme=scheme), "#/models") as page:
        page.get_by_role("heading", name=re.compile(r"of \d models are live$")).wait_for()
        picture(page, f"models-{scheme}", tmp_path)
        page.get_by_role("link", name="house_price").first.click()
        page.get_by_role("heading", name="house_price 1.0.0 is live").wait_for()
        line = page.get_by_role("region", name="Time line").get_by_role("listitem")
        line.filter(has_text="was rolled back at 5 %").wait_for()
        assert line.count() == 4
        picture(page, f"model-{scheme}", tmp_path)
        page.get_by_role("link", name="version 1.1.0").click()
        page.get_by_role("heading", name="house_price 1.1.0 passed its gate").wait_for()
        page.get_by_text("0.72 to 0.81").wait_for()
        picture(page, f"version-{scheme}", tmp_path)


def test_a_person_decides_about_a_stage(browser, airflow, stand, tmp_path: Path) -> None:
    person = Person("approver")
    with looking(browser, airflow.url, Person("approver", "dark")) as page:
        page.get_by_role("article").filter(has_text="credit_limit").wait_for()
        picture(page, "home-dark", tmp_path)
    with looking(browser, airflow.url, person) as page:
        card = page.get_by_role("article").filter(has_text="credit_limit")
        card.get_by_role("link", name="the rollout of").wait_for()
        picture(page, "home-light", tmp_path)
        card.get_by_role("link", name="the rollout of").click()
        page.get_by_role("heading", name="A person has to.").wait_for()
        page.get_by_text("goes on to 25 % of the traffic").wait_for()
        picture(page, "rollout-decision-light", tmp_path)
        page.get_by_label("Reason").fill("Too few requests at night; go on")
        page.get_by_role("button", name="continue").click()
        page.get_by_label("Reason").wait_for(state="detached")
    answered = stand.undecided.plane.decisions(state=DecisionState.ANSWERED)
    mine = [one for one in answered if one.run == stand.undecided.run]
    assert [(one.answer, one.answered_by) for one in mine] == [("continue", "approver")]


@pytest.fixture
def hasty(airflow) -> Iterator[Release]:
    """A release that is watched, for the test that ends it."""
    first, second = (Release(airflow.control_plane, SECRET, "loan_term", day) for day in (1, 2))
    promoted_first(first)
    yield watched(second)
    first.close()
    second.close()


def test_a_person_rolls_back_and_sees_it_done(browser, airflow, hasty, tmp_path: Path) -> None:
    release = hasty
    with looking(browser, airflow.url, Person("viewer"), address(release)) as page:
        page.get_by_text("viewer has viewer").wait_for()
        assert page.get_by_role("button", name="Roll back").is_disabled()
    with looking(browser, airflow.url, Person("approver", width=390), address(release)) as page:
        page.get_by_role("button", name="Roll back").click()
        page.get_by_label("Reason").fill("Complaints from the branches")
        picture(page, "rollback-phone-light", tmp_path)
        page.get_by_role("button", name="Roll back to 1.0.0").click()
        page.get_by_text("Going back to 1.0.0").wait_for()
        stop = release.plane.rollout(release.rollout.id).stop
        assert (stop.by, stop.reason) == ("approver", "Complaints from the branches")
        release.roll_back(stop.reason, RolloutState.STOPPED)
        page.get_by_role("heading", name="was stopped at 25 %").wait_for(timeout=8_000)
        assert page.get_by_role("button", name="Roll back").count() == 0
