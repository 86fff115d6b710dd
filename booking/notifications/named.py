"""Events that name their readers, in words for each of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateformat import format as write
from django.utils.translation import gettext as _

from accounts.models import User
from booking.notifications.wordings import Wordings
from booking.notifications.words import Words, outside, reader_locale, say_more, say_period


def named_words(
    *,
    kind: str,
    payload: Mapping[str, Any],
    actor: User | None,
    reader: User,
    wordings: Wordings | None = None,
) -> Words:
    """What one reader is told: moments in their formats and zone."""
    with reader_locale(reader):
        values = _values(payload, actor, reader)
        said = (wordings or Wordings([kind])).say(kind, values)
        path = str(payload.get("path", ""))
        return Words(
            subject=said.subject,
            text=said.text,
            after=said.after,
            path=path,
            link=outside(path),
            button=_("Open it"),
        )


def _values(payload: Mapping[str, Any], actor: User | None, reader: User) -> dict[str, Any]:
    return {
        "actor": actor.full_name if actor else _("Labitory"),
        "lab": settings.LAB_NAME,
        **{name: _say(value, reader) for name, value in payload.get("facts", {}).items()},
    }


def _say(value: Any, reader: User) -> Any:  # noqa: ANN401 - JSON
    """A fact in words: `{"start", "end"}` is a period, `{"at"}` a moment, `{"day"}` a day.

    With `more` the period is the first of so many and one.
    """
    if not isinstance(value, dict):
        return value
    if "start" in value:
        start, end = (datetime.fromisoformat(value[name]) for name in ("start", "end"))
        return say_more(say_period(start, end, reader), int(value.get("more", 0)))
    preferences = reader.preferences
    if "day" in value:
        return write(date.fromisoformat(value["day"]), preferences.date_format)
    local = timezone.localtime(datetime.fromisoformat(value["at"]))
    formats = f"{preferences.date_format}, {preferences.time_format}"
    return f"{write(local, formats)} ({local.tzname()})"
