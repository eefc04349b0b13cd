"""A person at Airflow's own page, in a real browser."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PASSWORDS = {"viewer": "v-pass", "approver": "a-pass", "airworthy": "m-pass"}
AXE = Path(__file__).parents[3] / "plugins/airworthy/ui/node_modules/axe-core/axe.min.js"
BUSY = ".aw-page [aria-busy=true], .aw-page [role=status][aria-label=Loading]"
# Names the folder to keep pictures in: `docs/images` when the pages have changed.
KEEP = "AIRWORTHY_SCREENSHOTS"


@dataclass(frozen=True)
class Person:
    """Who looks, and with what."""

    user: str = "viewer"
    scheme: str = "light"
    width: int = 1200


@contextmanager
def looking(browser: Browser, url: str, person: Person, address: str = "") -> Iterator[Page]:
    """Log in through Airflow's form and open the console; errors of the page fail the test."""
    context = browser.new_context(
        color_scheme=person.scheme,  # type: ignore[arg-type]
        viewport={"width": person.width, "height": 900},
        reduced_motion="reduce",
    )
    page = context.new_page()
    broken: list[str] = []
    page.goto(url)
    page.fill("input[name=username]", person.user)
    page.fill("input[name=password]", PASSWORDS[person.user])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda where: "login" not in where)
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(f"{url}/plugin/airworthy{address}")
    page.wait_for_selector(".aw-page h1")
    yield page
    context.close()
    assert broken == []


def turn(page: Page, place: str) -> None:
    """Go to another page of the console and wait until it shows what it asked for."""
    page.evaluate("where => { location.hash = where }", place)
    # The page before stays until React has drawn.
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn, 50)))")
    page.wait_for_function(
        f"document.querySelector('.aw-page h1') && !document.querySelector('{BUSY}')"
    )


def violations(page: Page) -> list[str]:
    """Return what axe has against the console's part of the page, colours included."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run('.aw-page', {rules: {region: {enabled: false}}})")
    return [
        f"{one['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen."""
    wide: int = page.evaluate(
        "(() => {const p = document.querySelector('.aw-page');"
        " return Math.max(p.scrollWidth - p.clientWidth,"
        " p.getBoundingClientRect().right - innerWidth)})()"
    )
    return wide


def picture(page: Page, name: str, otherwise: Path) -> None:
    """Keep a picture of the console's part of the page."""
    folder = Path(os.environ.get(KEEP) or otherwise)
    folder.mkdir(parents=True, exist_ok=True)
    page.mouse.move(0, 0)
    # Airflow scrolls inside its page: what is below the edge would be cut off.
    size = page.viewport_size or {"width": 1200, "height": 900}
    height = page.evaluate("Math.ceil(document.querySelector('.aw-page').scrollHeight)")
    page.set_viewport_size({"width": size["width"], "height": height + 200})
    page.locator(".aw-page").screenshot(path=folder / f"{name}.png", animations="disabled")
