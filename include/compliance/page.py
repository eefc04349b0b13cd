"""The page: HTML that stands alone, with every value escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.compliance import figures

if TYPE_CHECKING:
    from include.compliance.publish import Entry
    from include.compliance.records import ComplianceReport, Generated

TEMPLATES = Path(__file__).parent / "templates"


def page(report: ComplianceReport) -> str:
    """Return a report as HTML; all but the element ``generated`` follows from its contents."""
    return _render("report.html", generated=report.generated, report=report.contents)


def index(entries: tuple[Entry, ...], as_of: str, generated: Generated) -> str:
    """Return the page that leads to the reports of one date."""
    return _render("index.html", generated=generated, entries=entries, as_of=as_of)


def _render(name: str, **values: object) -> str:
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = figures.shown
    environment.tests["long"] = figures.is_long
    environment.globals.update(drawing=figures.drawing, width=figures.WIDTH, label=figures.LABEL)
    return environment
