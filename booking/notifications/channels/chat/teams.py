"""Cards for Microsoft Teams: an Adaptive Card, by the webhook of a workflow."""

from typing import Any

from booking.notifications.channels.chat.cards import Card


def teams_body(card: Card) -> dict[str, Any]:
    """A card of text runs: in those Teams reads no Markdown, whatever somebody typed."""
    rows = [_block(*_row(name, value)) for name, value in card.rows]
    title = _block({**_run(card.title), "weight": "Bolder", "size": "Medium"})
    foot = _block({**_run(card.lab), "isSubtle": True, "size": "Small"})
    return {
        "type": "message",
        "summary": card.as_text,
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "fallbackText": card.as_text,
                    "body": [title, *rows, foot],
                    "actions": [{"type": "Action.OpenUrl", "title": card.button, "url": card.link}],
                },
            }
        ],
    }


def _row(name: str, value: str) -> list[dict[str, Any]]:
    runs = [_run(value)]
    return [{**_run(f"{name}: "), "weight": "Bolder"}, *runs] if name else runs


def _block(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str) -> dict[str, Any]:
    return {"type": "TextRun", "text": text}
