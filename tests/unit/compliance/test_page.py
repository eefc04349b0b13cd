"""The page: alone, escaped, printable, and the same bytes for the same evidence."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from include import digest
from include.compliance import figures
from include.compliance.publish import Place, files, live_versions, make, write, write_index
from include.compliance.records import Bar, Chart, ComplianceReport, Generated
from include.errors import StoreUnavailable
from tests.support.compliance import DOCUMENTS, MODEL, Held
from tests.unit.compliance.test_evidence import DAY, MADE

LATER = Generated(at=datetime(2026, 5, 1, tzinfo=UTC), by="another")
HOSTILE = "<script>alert(1)</script>\"'&{{ 7 * 7 }}"
VOID = {"meta", "circle", "line", "br"}


def report(held: Held, generated: Generated = MADE) -> ComplianceReport:
    return make(held, held, live_versions(held, DAY)[0], DAY, generated)


def html(held: Held, generated: Generated = MADE) -> str:
    return files(report(held, generated))[f"{MODEL}.html"].decode()


class Page(HTMLParser):
    """Notes tags, attributes and what does not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone(held: Held) -> None:
    page = Page(html(held))
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "form"}
    links = [v for _, attrs in page.tags for k, v in attrs.items() if k in {"href", "src"}]
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"url\(|@import|\son\w+=", html(held))
    assert "@media print" in html(held)


def test_every_link_has_its_place(held: Held) -> None:
    page = Page(html(held))
    places = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(places) == len(set(places))
    assert {a["href"][1:] for tag, a in page.tags if tag == "a"} <= set(places)


def test_tables_and_drawings_can_be_heard(held: Held) -> None:
    page = Page(html(held))
    count = [tag for tag, _ in page.tags].count
    assert count("table") == count("caption") > 20
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    drawings = [attrs for tag, attrs in page.tags if tag == "svg"]
    assert drawings
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in drawings)
    assert any("True 0.725, 0.5 to 0.95" in attrs["aria-label"] for attrs in drawings)


def test_two_reports_differ_in_the_time_and_nothing_else(held: Held) -> None:
    first, second = html(held), html(held, LATER)
    assert first != second
    block = re.compile(r'<p id="generated">.*?</p>', re.DOTALL)
    assert block.sub("", first) == block.sub("", second)
    one, other = (json.loads(files(report(held, made))[f"{MODEL}.json"]) for made in (MADE, LATER))
    assert one.pop("generated") != other.pop("generated")
    assert digest.canonical(one) == digest.canonical(other)
    assert html(held) == html(held)


def test_what_data_says_is_never_markup(held: Held, compiled: Any) -> None:
    batch = DOCUMENTS["quarantine", "batch"]
    rule = batch["rules"][0] | {"example": HOSTILE}
    held.put("quarantine", "batch", batch | {"rules": [rule]})
    hostile = held.found_alerts[0].model_copy(update={"title": HOSTILE})
    held.found_alerts[0] = hostile
    group = DOCUMENTS["evaluate", "report"]["fairness"]["groups"][0] | {"name": HOSTILE}
    fairness = DOCUMENTS["evaluate", "report"]["fairness"] | {"groups": [group]}
    held.put("evaluate", "report", DOCUMENTS["evaluate", "report"] | {"fairness": fairness})
    text = html(held)
    assert "<script" not in text
    assert "49" not in re.findall(r"alert\(1\)[^<]{0,40}", text)[0]
    assert text.count("&lt;script&gt;alert(1)") >= 3
    assert Page(text).open == []


def test_gaps_are_on_the_first_page(held: Held) -> None:
    del held.objects["mem://gate/report.json"]
    text = html(held)
    first = text[: text.index('id="requirements"')]
    assert "gate/report is not at mem://gate/report.json" in first
    assert text.index('id="gaps"') < text.index('id="contents"')


def test_the_page_claims_no_compliance(held: Held) -> None:
    words = re.sub(r"<[^>]+>", " ", html(held)).lower()
    assert "compliant" not in words
    assert "it does not say that a rule is met" in words


def test_the_json_holds_numbers_not_their_rounding(held: Held) -> None:
    made = ComplianceReport.model_validate_json(files(report(held))[f"{MODEL}.json"])
    metrics = next(one for one in made.contents.sections if one.id == "metrics")
    assert metrics.tables[0].rows[0][:4] == ("auc", 0.81, 0.74, 0.87)
    assert made.contents.digest == report(held, LATER).contents.digest


def test_the_index_names_what_is_not_there(held: Held) -> None:
    place = Place("mem://store/", DAY)
    page = write(report(held), place, held)  # type: ignore[arg-type]
    assert page == f"mem://store/reports/compliance/2026-04-20/{MODEL}.html"
    wanted = [(MODEL, "1.0.0"), (MODEL, "1.1.0"), ("bike_demand", "1.0.0")]
    entries = write_index(wanted, place, held, MADE)  # type: ignore[arg-type]
    assert [bool(one.digest) for one in entries] == [True, False, False]
    text = held.objects["mem://store/reports/compliance/2026-04-20/index.html"].decode()
    assert text.count("no report: see the task in Airflow") == 2
    assert f'href="{MODEL}.html"' in text
    assert Page(text).open == []


def test_an_outage_is_not_a_missing_report(held: Held) -> None:
    def read(uri: str) -> bytes:
        raise StoreUnavailable("no answer", where=uri)

    held.read = read  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        write_index([(MODEL, "1.0.0")], Place("mem://s", DAY), held, MADE)  # type: ignore[arg-type]


def test_a_bar_lies_where_its_value_is() -> None:
    bar = Bar(label="a", value=0.5, lower=0.0, upper=1.0)
    drawn = figures.drawing(Chart(title="t", bars=(bar,), low=0.0, high=1.0))
    (line,) = drawn.lines
    assert (line.lower, line.upper) == (drawn.left, drawn.right)
    assert line.value == (drawn.left + drawn.right) / 2


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "-"), ("", "-"), (0, "0"), (0.0, "0"), (12345, "12,345"), (0.123456, "0.1235"),
     (123456.7, "123,457"), ("a", "a")],
)  # fmt: skip
def test_cells_are_read_by_people(value: Any, words: str) -> None:
    assert figures.shown(value) == words
