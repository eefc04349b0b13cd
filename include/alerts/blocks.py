"""An alert in Slack's Block Kit, within Slack's limits.

Limits: https://docs.slack.dev/reference/block-kit/blocks (50 blocks a message, 150 characters a
header, 3000 a section's text, 2000 a context element).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.client.messages.alerts import RaiseAlert

MAX_BLOCKS, MAX_HEADER, MAX_SECTION, MAX_TEXT = 50, 150, 3000, 3000
ELLIPSIS = "…"
SIGNS = {"info": ":information_source:", "warning": ":warning:", "critical": ":rotating_light:"}


@dataclass(frozen=True)
class SlackMessage:
    """What ``chat.postMessage`` takes; ``text`` is what notifications and screen readers show."""

    text: str
    blocks: tuple[dict[str, Any], ...]


def message(alert: RaiseAlert) -> SlackMessage:
    """Return the message of an alert: headline, facts, body, link to the run."""
    head = [_header(alert.title), _facts(alert)]
    tail = [_link(alert.link)] if alert.link else []
    room = MAX_BLOCKS - len(head) - len(tail)
    body = [_section(part) for part in _parts(escape(alert.body), room)]
    text = cut(f"{alert.severity}: {alert.title} ({alert.model})", MAX_TEXT)
    return SlackMessage(text=escape(text), blocks=(*head, *body, *tail))


def escape(text: str) -> str:
    """Escape the three characters that mean something in Slack's mark-up."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """Return ``text`` within ``limit`` characters, saying with an ellipsis that it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def _parts(text: str, room: int) -> Iterator[str]:
    """Split at line ends where possible; the last part says that more was there."""
    for place in range(room):
        if len(text) <= MAX_SECTION or place == room - 1:
            if text:
                yield cut(text, MAX_SECTION)
            return
        end = text.rfind("\n", 1, MAX_SECTION) + 1 or MAX_SECTION
        yield text[:end]
        text = text[end:]


def _header(title: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(title, MAX_HEADER)}}


def _facts(alert: RaiseAlert) -> dict[str, Any]:
    run = alert.run
    facts = f"{SIGNS[alert.severity]} *{alert.severity}* · `{alert.model}` · `{run.dag_id}`"
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": cut(f"{facts} · {escape(run.run_id)}", 2000)}],
    }


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _link(url: str) -> dict[str, Any]:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Open the run"}, "url": url}
    return {"type": "actions", "elements": [button]}
