"""Which tasks of a release run, for each verdict at each stage and for each task that breaks."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.dags.test_dags import RELEASE, STAGES
from tests.support.loaded_dags import DAGS, airflow
from tests.support.trigger_rules import Graph, Script, play

if TYPE_CHECKING:
    from collections.abc import Iterator

# The graph, and for each branch the tasks that it may follow, read from the operators themselves.
READ = """
import json, sys
from pathlib import Path
from airflow.dag_processing.dagbag import BundleDagBag
bag = BundleDagBag(sys.argv[1], bundle_path=Path(sys.argv[1]))
dag = bag.dags["mortgage_approval_release"]
names = "ask go approved otherwise first alone back cleared undecided extended failed".split()
branches = [task for task in dag.tasks if hasattr(task, "choose_branch")]
ways = {
    task.task_id: {name: getattr(task, name) for name in names if hasattr(task, name)}
    for task in branches
}
json.dump({
    "downstream": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
    "rules": {task.task_id: task.trigger_rule.value for task in dag.tasks},
    "order": [task.task_id for task in dag.topological_sort()],
    "ways": ways,
}, open(sys.argv[2], "w"))
"""
BEGIN = ("choose_version", "open_rollout", "needs_approval")
ASKED = ("open_decision", "await_decision", "decision_verdict")
DARK = ("deploy_dark", "endpoint_ready", "smoke_test", "way")
WATCH = ("apply", "split", "health", "verdict")
PEOPLE = ("ask", "answer", "answered")
AGAIN = ("extend", "health_again", "verdict_again")
# What a stage may come to: its tasks, and what each of its branches follows.
CLEARED: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "passed": (WATCH, {"verdict": "cleared"}),
    "continued": (WATCH + PEOPLE, {"verdict": "undecided", "answered": "cleared"}),
    "extended, passed": (
        WATCH + PEOPLE + AGAIN,
        {"verdict": "undecided", "answered": "extended", "verdict_again": "cleared"},
    ),
}
BACK: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "failed": (WATCH, {"verdict": "failed"}),
    "rolled back": (WATCH + PEOPLE, {"verdict": "undecided", "answered": "failed"}),
    "extended, failed": (
        WATCH + PEOPLE + AGAIN,
        {"verdict": "undecided", "answered": "extended", "verdict_again": "failed"},
    ),
}
DOORS = {"first": (), "alone": ("first_release",), "back": ("go_back",)}
ACTING = {"promote", "roll_back", "refuse"}


class Release:
    """The release DAG as it is, played by a script."""

    def __init__(self, read: dict[str, Any]) -> None:
        self.graph = Graph(read["downstream"], read["rules"], read["order"])
        self.ways = read["ways"]

    def script(self, stages: list[tuple[str, str]], **changes: Any) -> Script:
        """Return the script of a release whose stages (group, what it comes to) go like this."""
        follows = {"needs_approval": self.ways["needs_approval"]["go"]}
        follows["way"] = self.ways["way"][kind(stages)]
        for name, outcome in stages:
            for task, way in (CLEARED | BACK)[outcome][1].items():
                follows[f"{name}.{task}"] = self.ways[f"{name}.{task}"][way]
        return Script(follows | changes.pop("follows", {}), **changes)

    def run(self, stages: list[tuple[str, str]]) -> list[str]:
        """Return the tasks that such a release runs, in order, `settle` last."""
        ran = [*BEGIN, *DARK, *DOORS[kind(stages)]]
        for name, outcome in stages:
            ran += [f"{name}.{task}" for task in (CLEARED | BACK)[outcome][0]]
        went_back = bool(stages) and stages[-1][1] in BACK
        return [*ran, "roll_back" if went_back else "promote", "settle"]

    def check(self, script: Script, ran: list[str]) -> None:
        """Let pass exactly these tasks as successful, and everything else as skipped."""
        states = play(self.graph, script)
        assert {task for task, state in states.items() if state == "success"} == set(ran)
        assert {state for task, state in states.items() if task not in ran} <= {"skipped"}


def kind(stages: list[tuple[str, str]]) -> str:
    """Return which way of `way` leads to these stages."""
    if not stages:
        return "back"
    return "first" if stages[0][0] == STAGES[0] else "alone"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    home = tmp_path_factory.mktemp("airflow")
    airflow(home, READ, str(DAGS), str(home / "graph.json"))
    return Release(json.loads((home / "graph.json").read_text()))


def ways(groups: tuple[str, ...]) -> Iterator[list[tuple[str, str]]]:
    """Return every way through the groups: cleared this way or that, or back at one of them."""
    for length in range(len(groups)):
        for before in product(CLEARED, repeat=length):
            for last in BACK:
                yield list(zip(groups, (*before, last), strict=False))
    for outcomes in product(CLEARED, repeat=len(groups)):
        yield list(zip(groups, outcomes, strict=True))


def simple(groups: tuple[str, ...]) -> Iterator[list[tuple[str, str]]]:
    """Return the ways on which one stage at most is anything but passed."""
    for place, outcome in product(range(len(groups)), CLEARED | BACK):
        after = () if outcome in BACK else groups[place + 1 :]
        passed = [(name, "passed") for name in groups[:place]]
        yield [*passed, (groups[place], outcome), *((name, "passed") for name in after)]


def test_the_graph_that_is_played_is_the_one_that_is_tested(release: Release) -> None:
    assert release.graph.downstream == RELEASE


def test_a_branch_follows_only_what_comes_right_after_it(release: Release) -> None:
    for branch, named in release.ways.items():
        chosen = {way for way in named.values() if way}
        assert chosen == set(release.graph.downstream[branch]), branch


def test_every_way_through_all_stages_runs_exactly_its_tasks(release: Release) -> None:
    count = 0
    for stages in ways(STAGES):
        release.check(release.script(stages), release.run(stages))
        count += 1
    assert count == 3 * (1 + 3 + 9 + 27 + 81) + 3**5


@pytest.mark.parametrize("outcome", CLEARED | BACK)
def test_a_first_release_has_the_last_stage_alone(release: Release, outcome: str) -> None:
    stages = [("stage_100", outcome)]
    release.check(release.script(stages), release.run(stages))


def test_going_back_has_no_stages(release: Release) -> None:
    release.check(release.script([]), release.run([]))


@pytest.mark.parametrize("answer", ["approved", "otherwise"])
def test_people_who_are_asked_say_yes_or_no(release: Release, answer: str) -> None:
    asked = {"needs_approval": release.ways["needs_approval"]["ask"]}
    asked["decision_verdict"] = release.ways["decision_verdict"][answer]
    stages = [("stage_100", "passed")]
    ran = [*BEGIN, *ASKED, "refuse", "settle"]
    if answer == "approved":
        ran = [*ASKED, *release.run(stages)]
    release.check(release.script(stages, follows=asked), ran)


def test_where_nothing_is_to_be_released_settle_runs_alone(release: Release) -> None:
    script = release.script([], skips=frozenset({"choose_version"}))
    release.check(script, ["settle"])


def test_whatever_task_breaks_settle_runs_and_nothing_acts_after_it(release: Release) -> None:
    count = 0
    for stages in simple(STAGES):
        ran = release.run(stages)
        for place, broken in enumerate(ran[:-1]):
            script = release.script(stages, fails=frozenset({broken}))
            states = play(release.graph, script)
            done = {task for task, state in states.items() if state == "success"}
            assert done == {*ran[:place], "settle"}
            assert states[broken] == "failed"
            assert not done & ACTING
            later = release.graph.behind(broken) - {broken, "settle"}
            assert {states[task] for task in later} <= {"upstream_failed", "skipped"}
            count += 1
    assert count > 700
    print(f"{count} breaks played")


def test_settle_that_breaks_is_seen(release: Release) -> None:
    stages = [(name, "passed") for name in STAGES]
    states = play(release.graph, release.script(stages, fails=frozenset({"settle"})))
    assert states["settle"] == "failed"
