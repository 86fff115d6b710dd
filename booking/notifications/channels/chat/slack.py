"""Cards for Slack: blocks, and a text for notifications."""

from typing import Any

from booking.notifications.channels.chat.cards import Card

# What a header and a field may hold.
_HEADER, _FIELD = 150, 2000


def slack_body(card: Card) -> dict[str, Any]:
    """Blocks; verbatim, so that Slack looks for no names and addresses by itself."""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(card.title[:_HEADER])},
    ]
    rows = [
        {"type": "mrkdwn", "verbatim": True, "text": _row(name, value)[:_FIELD]}
        for name, value in card.rows
    ]
    if rows:
        blocks.append({"type": "section", "fields": rows})
    button = {"type": "button", "text": _plain(card.button), "url": card.link}
    blocks.append({"type": "actions", "elements": [button]})
    return {"text": escape(card.as_text), "blocks": blocks, "unfurl_links": False}


def escape(text: str) -> str:
    """A text without the signs that begin links and mentions, and none that make it bold."""
    for sign, word in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, word)
    # A word joiner on the inside: no sign of emphasis stands at the edge of a word.
    for sign in "*_~`":
        text = text.replace(sign, f"\u2060{sign}\u2060")
    return text


def _row(name: str, value: str) -> str:
    return f"*{escape(name)}*\n{escape(value)}" if name else escape(value)


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
