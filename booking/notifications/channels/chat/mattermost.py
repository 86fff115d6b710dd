"""Cards for Mattermost: an attachment with fields."""

import re
from typing import Any

from booking.notifications.channels.chat.cards import Card

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#|~<>&])")


def mattermost_body(card: Card) -> dict[str, Any]:
    """An attachment; its fallback is what notifications show, without Markdown."""
    fields = [{"short": True, "title": name, "value": escape(value)} for name, value in card.rows]
    return {
        "attachments": [
            {
                "fallback": card.as_text,
                "title": card.title,
                "title_link": card.link,
                "fields": fields,
                "footer": card.lab,
            }
        ],
    }


def escape(text: str) -> str:
    """A text in which every sign of Markdown stands for itself."""
    return _MARKDOWN.sub(r"\\\1", text)
