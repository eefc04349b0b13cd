"""Airflow's trigger rules and branches over a graph, without Airflow: which task ends how.

The rules of ``airflow.ti_deps.deps.trigger_rule_dep`` that our DAGs use, and what
``SkipMixin.skip_all_except`` skips: what is right behind a branch, neither chosen nor behind what
was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

BROKEN = {"failed", "upstream_failed"}


@dataclass(frozen=True)
class Graph:
    """Tasks in an order in which they can run, what comes right after each, and its rule."""

    downstream: dict[str, list[str]]
    rules: dict[str, str]
    order: list[str]

    def upstream(self, task: str) -> list[str]:
        return [one for one, following in self.downstream.items() if task in following]

    def behind(self, task: str) -> set[str]:
        """Return the task and everything behind it."""
        found, waiting = set(), [task]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self.downstream[one]
        return found


@dataclass(frozen=True)
class Script:
    """What happens: what each branch follows, and which tasks fail or skip themselves."""

    follows: dict[str, str] = field(default_factory=dict)
    fails: frozenset[str] = frozenset()
    skips: frozenset[str] = frozenset()


def play(graph: Graph, script: Script) -> dict[str, str]:
    """Return the final state of every task."""
    states: dict[str, str] = {}
    passed_over: set[str] = set()
    for task in graph.order:
        rule = due(graph.rules[task], [states[one] for one in graph.upstream(task)])
        if task in passed_over:
            states[task] = "skipped"
        elif rule != "run":
            states[task] = rule
        else:
            states[task] = _ran(task, script)
            if states[task] == "success" and task in script.follows:
                kept = graph.behind(script.follows[task])
                passed_over |= set(graph.downstream[task]) - kept
    return states


def _ran(task: str, script: Script) -> str:
    if task in script.fails:
        return "failed"
    return "skipped" if task in script.skips else "success"


def due(rule: str, before: list[str]) -> str:
    """Return what becomes of a task whose upstream ended like this: a state, or that it runs."""
    if rule == "all_done":
        return "run"
    if BROKEN & set(before):
        return "upstream_failed"
    if rule == "none_failed_min_one_success":
        return "skipped" if before and set(before) == {"skipped"} else "run"
    assert rule == "all_success"
    return "skipped" if "skipped" in before else "run"
