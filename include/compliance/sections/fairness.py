"""What each group got: counts, rates, intervals, ratios, verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.compliance.records import Bar, Missing, Section, Table
from include.compliance.sections.parts import chart, facts, gaps, yes
from include.evaluation.fairness.records import Measure
from include.verdict import Verdict

if TYPE_CHECKING:
    from include.compliance.evidence import Evidence
    from include.compliance.records import Cell, Chart
    from include.evaluation.fairness.records import Disparity, FairnessReport, Group

ID = "fairness"
TITLE = "Fairness by counts"
SHOWN = (Measure.SELECTION, Measure.TRUE_POSITIVE, Measure.FALSE_POSITIVE)
NOTES = (
    "A rate is one of the test window, not of future people; a difference says nothing of its "
    "cause.",
    "`inconclusive`: too few rows for a comparison, which is neither fair nor unfair.",
    "What differs is judged by the gates, where the spec declares one.",
    "The other rates are in evaluate/report.",
)


def section(evidence: Evidence) -> Section:
    """Return the section."""
    report = evidence.documents.evaluation
    found = report if isinstance(report, Missing) else report.fairness or _absent(evidence)
    if isinstance(found, str):
        return Section(id=ID, title=TITLE, notes=(found,), sources=("evaluate/report",))
    if isinstance(found, Missing):
        return Section(id=ID, title=TITLE, gaps=gaps(ID, found))
    missing = Missing(
        what="no group was measured: the spec declares no protected column",
        remedy="Give columns the role `protected`, or record why there is none",
    )
    return Section(
        id=ID,
        title=TITLE,
        facts=facts(confidence_level=found.level, fewest_rows_behind_a_rate=found.min_denominator),
        tables=(_rates(found), _disparities(found)),
        charts=_charts(found),
        notes=NOTES,
        sources=("evaluate/report",),
        gaps=() if found.groups else gaps(ID, missing),
    )


def _absent(evidence: Evidence) -> Missing | str:
    spec = evidence.documents.spec
    if not isinstance(spec, Missing) and spec.spec.task.value == "regression":
        return "Groups are compared by counts of favourable answers; a regression has none."
    remedy = "Train again: the present evaluate step counts"
    return Missing(what="the evaluation holds no fairness report", remedy=remedy)


def _rates(found: FairnessReport) -> Table:
    columns = ("attribute", "group", "rows", "unknown value", "rate", "numerator", "denominator",
               "value", "lower", "upper", "enough rows")  # fmt: skip
    rows = tuple(row for group in found.groups for row in _group(group))
    return Table(title="Rates of each group", columns=columns, rows=rows)


def _group(group: Group) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (group.attribute, group.name, group.rows, yes(group.is_unknown), rate.measure.value,
         rate.numerator, rate.denominator, rate.value, rate.lower, rate.upper,
         yes(rate.is_sufficient))
        for rate in group.rates
        if rate.measure in SHOWN
    )  # fmt: skip


def _disparities(found: FairnessReport) -> Table:
    columns = ("attribute", "rate", "group", "reference", "compared", "ratio", "ratio lower",
               "ratio upper", "difference", "difference lower", "difference upper", "p, Holm",
               "in words")  # fmt: skip
    return Table(
        title="Each group beside the reference group",
        columns=columns,
        rows=tuple(
            (d.attribute, d.measure.value, d.group, d.reference, _compared(d), d.ratio,
             d.ratio_lower, d.ratio_upper, d.difference, d.difference_lower, d.difference_upper,
             d.p_adjusted, d.words)
            for d in found.disparities
            if d.measure in SHOWN
        ),
    )  # fmt: skip


def _compared(one: Disparity) -> str:
    # The `pass` of a disparity means that there was enough to compare, and a reader would take
    # it for a judgement.
    return "yes" if one.verdict is Verdict.PASS else f"no: {one.verdict.value}"


def _charts(found: FairnessReport) -> tuple[Chart, ...]:
    attributes = dict.fromkeys(group.attribute for group in found.groups)
    return tuple(one for attribute in attributes for one in _chart(found, attribute))


def _chart(found: FairnessReport, attribute: str) -> tuple[Chart, ...]:
    bars = tuple(
        Bar(label=group.name, value=rate.value, lower=rate.lower, upper=rate.upper)
        for group in found.groups
        if group.attribute == attribute
        for rate in (group.rate(Measure.SELECTION),)
        if rate.value is not None and rate.lower is not None and rate.upper is not None
    )
    return chart(f"Selection rate by {attribute}", bars, (0.0, 1.0))
