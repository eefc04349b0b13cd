"""A selection as a page that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.training.outcomes import ContenderReport, SelectionReport


def markdown(report: SelectionReport) -> str:
    """Return the selection as Markdown: who, why, everybody's figures, the policy."""
    better = "higher" if report.is_higher_better else "lower"
    lines = [
        f"# {report.model}: {report.selected} was selected",
        "",
        *(f"- {reason}" for reason in report.reasons),
        "",
        f"Mean {report.score} ({better} is better) over {report.folds} fold(s) of the training "
        "rows; the test window was not touched.",
        "",
        f"| | kind | {report.score} | standard error | folds | ms an answer | seconds | trials |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(one, report.selected) for one in report.contenders),
        "",
        *(f"{name} left no result: see its task." for name in report.missing),
        "## Policy",
        "",
        *(f"{number}. {rule}" for number, rule in enumerate(report.policy, start=1)),
        "",
    ]
    return "\n".join(lines)


def _row(one: ContenderReport, selected: str) -> str:
    name = f"**{one.name}**" if one.name == selected else one.name
    error = "" if one.error is None else f"{one.error:.3g}"
    trials = f"{one.trials or ''}{' (cut short)' if one.truncated else ''}"
    taken = f"{one.seconds:.1f}" if one.seconds else ""
    return (
        f"| {name} | {one.kind} | {one.mean:.4g} | {error} | {one.folds} | {one.latency_ms:.2g} "
        f"| {taken} | {trials} |"
    )
