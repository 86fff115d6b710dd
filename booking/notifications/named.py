"""Events that name their readers, in words for each of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.dateformat import format as write
from django.utils.translation import gettext as _

from accounts.models import User
from booking.models import EmailMessage
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.messages import Words, reader_locale, say_period, write_mail


def named_words(
    *, kind: str, payload: Mapping[str, Any], actor: User | None, reader: User
) -> Words:
    """What one reader is told: moments in their formats and zone."""
    entry = CATALOGUE[kind]
    with reader_locale(reader):
        values = _values(payload, actor, reader)
        return Words(
            subject=" ".join((str(entry.subject) % values).split())[:200],
            text=(str(entry.text) % values).strip(),
            path=str(payload.get("path", "")),
        )


def build_named_mail(email: EmailMessage, actor: User | None) -> EmailMultiAlternatives:
    """The mail of one row."""
    if email.user is None:
        raise ValueError(f"{email.kind} is told to people with accounts only")
    words = named_words(kind=email.kind, payload=email.payload, actor=actor, reader=email.user)
    with reader_locale(email.user):
        after = str(CATALOGUE[email.kind].after) % _values(email.payload, actor, email.user)
        context: dict[str, object] = {
            "subject": words.subject,
            "text": words.text,
            "after": after,
            "link": settings.SITE_URL.rstrip("/") + words.path if words.path else "",
            "lab": settings.LAB_NAME,
            "name": email.user.get_short_name(),
        }
        return write_mail(email, words.subject, "account", context)


def _values(payload: Mapping[str, Any], actor: User | None, reader: User) -> dict[str, Any]:
    return {
        "actor": actor.full_name if actor else _("Labitory"),
        "lab": settings.LAB_NAME,
        **{name: _say(value, reader) for name, value in payload.get("facts", {}).items()},
    }


def _say(value: Any, reader: User) -> Any:  # noqa: ANN401 - JSON
    """A fact in words: `{"start", "end"}` is a period, `{"at"}` a moment, `{"day"}` a day."""
    if not isinstance(value, dict):
        return value
    if "start" in value:
        return say_period(
            datetime.fromisoformat(value["start"]), datetime.fromisoformat(value["end"]), reader
        )
    preferences = reader.preferences
    if "day" in value:
        return write(date.fromisoformat(value["day"]), preferences.date_format)
    local = timezone.localtime(datetime.fromisoformat(value["at"]))
    formats = f"{preferences.date_format}, {preferences.time_format}"
    return f"{write(local, formats)} ({local.tzname()})"
